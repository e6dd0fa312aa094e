import type { Metric } from './recorder.ts';

/** All metrics as Prometheus reads them. */
export interface Exposed {
  /** The content type. */
  readonly type: string;
  readonly text: string;
}

/** Reads all metrics; those who ask at the same time get the same. */
export type Expose = () => Promise<Exposed>;

/**
 * Exposes metrics, with those of the process. prom-client is loaded when somebody asks first: a server that nobody watches needs neither it
 * nor its timer for the delay of the event loop.
 */
export function createExposition(metrics: readonly Metric[], prepare: () => Promise<unknown>): Expose {
  let loading: Promise<() => Promise<Exposed>> | null = null;
  let underWay: Promise<Exposed> | null = null;
  const load = async (): Promise<() => Promise<Exposed>> => {
    const { Registry, collectDefaultMetrics } = await import('prom-client');
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    for (const metric of metrics) {
      const { name, help, type } = metric;
      registry.registerMetric({ name, get: async () => ({ name, help, type, values: metric.samples() }) } as never);
    }
    return async () => ({ type: registry.contentType, text: await registry.metrics() });
  };
  const read = async (): Promise<Exposed> => {
    loading ??= load();
    const [exposed] = await Promise.all([loading, prepare()]);
    return exposed();
  };
  return () => {
    underWay ??= read().finally(() => {
      underWay = null;
    });
    return underWay;
  };
}
