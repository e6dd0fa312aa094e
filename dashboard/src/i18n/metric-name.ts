import { inLanguage, language, messages } from './language.ts';

/** What is counted besides vehicles. */
const OTHERS = inLanguage<Readonly<Record<string, string>>>({
  en: {
    ASSEMBLY_PLANTS: 'assembly plants',
    BATTERY_SWAPS: 'battery swaps',
    CHARGING_STATIONS: 'charging stations',
    COUNTRIES: 'countries',
    LOGISTICS_HUBS: 'logistics hubs',
    MARKET_SHARE: 'percent of the market',
    REVENUE: 'yuan of revenue',
    RND_SPEND: 'yuan for research and development',
    SALES_OUTLETS: 'sales outlets',
    SUPPLIERS: 'suppliers',
    SWAP_STATIONS: 'battery-swap stations',
  },
  zh: {
    ASSEMBLY_PLANTS: '座工厂',
    BATTERY_SWAPS: '次换电',
    CHARGING_STATIONS: '座充电站',
    COUNTRIES: '个国家和地区',
    LOGISTICS_HUBS: '个物流中心',
    MARKET_SHARE: '% 市场份额',
    REVENUE: '元营收',
    RND_SPEND: '元研发投入',
    SALES_OUTLETS: '家销售网点',
    SUPPLIERS: '家供应商',
    SWAP_STATIONS: '座换电站',
  },
});

/** What a metric counts: deliveries, battery-swap stations. */
export function metricName(metric: string): string {
  return messages.value.metrics[metric] ?? OTHERS.value[metric] ?? metric;
}

/** So many of what a metric counts: 1,000 deliveries, or 交付 1,000 辆 in Chinese. */
export function countOf(number: string, metric: string): string {
  const isOfVehicles = metric in messages.value.metrics;
  return language.value === 'zh' && isOfVehicles
    ? `${metricName(metric)} ${number} 辆`
    : `${number} ${metricName(metric)}`;
}
