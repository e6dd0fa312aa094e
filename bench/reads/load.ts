import autocannon from 'autocannon';
import { quantile } from '../fanout/table.ts';
import type { AskedRequest } from './contestant.ts';

export const CONNECTIONS = 16;

/** What one round of requests took. */
export interface Round {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Asks the same over 16 connections, each as soon as it has its answer. Throws if an answer is no success. */
export async function askRepeatedly(request: AskedRequest, seconds: number): Promise<Round> {
  const times: number[] = [];
  const startedAt = performance.now();
  let lastAt = startedAt;
  const run = autocannon({ ...request, connections: CONNECTIONS, duration: seconds });
  run.on('response', (_client: unknown, _status: number, _bytes: number, ms: number) => {
    times.push(ms);
    lastAt = performance.now();
  });
  const result = await run;
  if (result.errors > 0 || result.non2xx > 0 || times.length === 0)
    throw new Error(`${request.url}: ${times.length} answers, ${result.non2xx} refused, ${result.errors} errors.`);
  times.sort((a, b) => a - b);
  return {
    requests: times.length,
    requestsPerSecond: times.length / ((lastAt - startedAt) / 1_000),
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  };
}

/** Asks once; returns the body. */
export async function askOnce({ url, ...init }: AskedRequest): Promise<string> {
  const response = await fetch(url, init);
  const body = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${body.slice(0, 500)}`);
  return body;
}
