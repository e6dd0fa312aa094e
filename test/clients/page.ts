import { readFileSync } from 'node:fs';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll } from 'vitest';
import { WebSocket } from 'ws';
import { openScenario, type Scenario } from '../support/scenario.ts';

/** A quarter, its company's too, as a page shows them; `id` is what a cache keeps them by. */
export interface Shown {
  readonly brand: { readonly observation: ShownQuarter };
  readonly company: { readonly observation: ShownQuarter };
}
interface ShownQuarter {
  readonly id: string;
  readonly value: number | null;
  readonly lower: number | null;
}

/** What the page shows. */
export const QUARTERS = `query Quarters($brand: String!, $company: String!) {
  brand(slug: $brand) { id observation(period: "2025-Q1") { id value lower } }
  company(slug: $company) { id observation(period: "2025-Q1") { id value lower } }
}`;

/** What it watches. */
export const AFFECTED = `subscription Affected($after: Cursor) {
  figureRecorded(after: $after) { cursor affected { id value lower } }
}`;

/** The same page as a live query. */
export const LIVE = `subscription Live($brand: String!, $company: String!) { live {
  brand(slug: $brand) { id observation(period: "2025-Q1") { id value lower } }
  company(slug: $company) { id observation(period: "2025-Q1") { id value lower } }
} }`;

/** A server with a brand of a company that has two months of a quarter, and what the page then asks with. */
export interface Page {
  readonly scenario: () => Scenario;
  /** Two months with 1,000 and 2,000; the third one is for the test to record. */
  maker(): Promise<{ readonly brand: string; readonly company: string }>;
  /** A maker's brand with its id, the slugs of all brands as they are listed, of which there are four at least, and the log's newest place. */
  list(): Promise<{
    readonly brand: string;
    readonly id: string;
    readonly slugs: readonly string[];
    readonly after: string;
  }>;
  /** A client of the server's WebSockets; it closes when its last subscription ends. */
  socket(): ReturnType<typeof createClient>;
}

/** Opens the server for the tests of a file. */
export function servePage(): Page {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await openScenario();
  });
  afterAll(() => scenario?.[Symbol.asyncDispose]());
  const maker = async () => {
    const company = await scenario.subject('COMPANY');
    const brand = await scenario.subject('BRAND', { parent: company });
    await scenario.record(brand, { '2025-01': 1_000, '2025-02': 2_000 });
    return { brand, company };
  };
  return {
    scenario: () => scenario,
    maker,
    list: async () => {
      const { brand } = await maker();
      for (const _ of [1, 2, 3]) await scenario.subject('BRAND');
      const { subject, brands, head } = await scenario.api.ask<{
        subject: { id: string };
        brands: { nodes: { slug: string }[] };
        head: string;
      }>('query ($slug: String!) { head subject(slug: $slug) { id } brands { nodes { slug } } }', { slug: brand });
      return { brand, id: subject.id, slugs: brands.nodes.map(({ slug }) => slug), after: head };
    },
    socket: () => createClient({ url: scenario.api.server.wsUrl, webSocketImpl: WebSocket }),
  };
}

/** A file of schema/clients. */
export function clientFile<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../../schema/clients/${name}`, import.meta.url), 'utf8')) as Content;
}

/** The value and the lower bound of the brand's quarter and of the company's, as shown last. */
export function quartersOf(shown: readonly Shown[]): readonly (readonly (number | null | undefined)[])[] {
  const last = shown.at(-1);
  return [last?.brand, last?.company].map((subject) => [subject?.observation.value, subject?.observation.lower]);
}
