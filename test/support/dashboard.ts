/** Twelve months of twenty brands, with growth and the newest milestone. */
export const DASHBOARD = `{
  series(
    subjects: ["nio", "xpeng", "li-auto", "leapmotor", "zeekr", "xiaomi-auto", "onvo", "firefly", "aito", "luxeed",
      "stelato", "maextro", "avatr", "deepal", "voyah", "gac-aion", "im", "byd", "tesla-china", "hima"]
    metrics: [DELIVERIES, SALES, WHOLESALE] from: "2025" to: "2025"
  ) {
    subject { id slug name milestones(first: 1, orderBy: REACHED_ON_DESC) { nodes { id title kind status reachedOn } } }
    observations {
      id period metric value lower upper qualifier method agreement
      change(over: YEAR_AGO, metrics: [DELIVERIES, SALES, WHOLESALE]) { percent base acrossBreak }
    }
    missing
  }
}`;
