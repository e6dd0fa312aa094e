import pg from 'pg';
import { inject } from 'vitest';
import type { Api } from './api.ts';
import { databaseAddress } from './postgres-address.ts';
import { sentToServer } from './statements.ts';

/** A step of what a server does for a statement. */
export interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

/** Connects to the server's database of an API. */
export async function connectTo(api: Api): Promise<pg.Client> {
  const [named] = await api.db.$queryRaw<{ name: string }[]>`/* named */ select current_database() as name`;
  const client = new pg.Client(databaseAddress(inject('serverUrl'), named?.name ?? ''));
  await client.connect();
  return client;
}

/** The steps with which the server answered an operation. */
export async function planOf(client: pg.Client, api: Api, document: string): Promise<readonly Plan[]> {
  const steps: Plan[] = [];
  for (const { text, values } of await sentToServer(() => api.ask(document))) {
    const { rows } = await client.query(`explain (analyze, timing off, format json) ${text}`, values);
    steps.push(...stepsIn(rows[0]['QUERY PLAN'][0].Plan));
  }
  return steps;
}

/** How many rows a step went through. */
export function rowsOf(step: Plan): number {
  return (step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0)) * step['Actual Loops'];
}

/** How many rows were sorted. Few rows that are equal in a part of the order can be sorted more cheaply than read in order. */
export function rowsSorted(steps: readonly Plan[]): number {
  return steps
    .filter((step) => step['Node Type'].endsWith('Sort'))
    .reduce((sum, { Plans: [input] = [] }) => sum + (input?.['Actual Rows'] ?? 0), 0);
}

function stepsIn(plan: Plan): readonly Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(stepsIn)];
}
