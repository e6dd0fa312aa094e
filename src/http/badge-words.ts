/** What stands beside a number of a metric. */
export const METRIC_WORDS: Readonly<Record<string, { readonly en: string; readonly zh: string }>> = {
  DELIVERIES: { en: 'deliveries', zh: '交付' },
  PRODUCTION: { en: 'produced', zh: '产量' },
  SALES: { en: 'sales', zh: '销量' },
  WHOLESALE: { en: 'wholesale', zh: '批发' },
  RETAIL: { en: 'retail sales', zh: '零售' },
  REGISTRATIONS: { en: 'registrations', zh: '上牌' },
  EXPORTS: { en: 'exports', zh: '出口' },
  MARKET_SHARE: { en: '% of the market', zh: '市场份额（%）' },
  REVENUE: { en: 'CNY revenue', zh: '营收（元）' },
  RND_SPEND: { en: 'CNY for R&D', zh: '研发投入（元）' },
  BATTERY_SWAPS: { en: 'battery swaps', zh: '换电次数' },
  CHARGING_STATIONS: { en: 'charging stations', zh: '充电站' },
  SWAP_STATIONS: { en: 'swap stations', zh: '换电站' },
  COUNTRIES: { en: 'countries', zh: '国家和地区' },
  SALES_OUTLETS: { en: 'sales outlets', zh: '门店' },
  ASSEMBLY_PLANTS: { en: 'assembly plants', zh: '整车工厂' },
  LOGISTICS_HUBS: { en: 'logistics hubs', zh: '物流中心' },
  SUPPLIERS: { en: 'suppliers', zh: '供应商' },
};

export const NOTHING_KNOWN = { en: 'unknown', zh: '未知' };
export const NO_SUBJECT = { en: 'there is no such maker', zh: '没有这家厂商' };
