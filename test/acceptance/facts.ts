import { randomBytes } from 'node:crypto';
import type { Product } from '../support/product.ts';
import { ask } from './clients.ts';

/** Who writes, and what about. */
export interface Facts {
  /** A brand's slug. */
  readonly brand: string;
  /** Another brand's slug. */
  readonly other: string;
  readonly sourceId: string;
  /** Records the brand's deliveries of a month, and returns the cursor after it. */
  record(period: string, value: number, subject?: string): Promise<string>;
  /** Records the brand's deliveries of this many days, in one write: 1, 2, 3… */
  recordMany(count: number): Promise<void>;
  /** Announces a number that the brand has reached, and returns the cursor after it. */
  announce(threshold: number, subject?: string): Promise<string>;
}

/** Creates two brands and a source that nobody else uses. */
export async function createFacts(product: Product): Promise<Facts> {
  const suffix = randomBytes(4).toString('hex');
  const [brand, other] = [`brand-${suffix}`, `other-${suffix}`];
  for (const slug of [brand, other]) {
    await ask(product, CREATE_BRAND, { slug, name: slug });
  }
  const { registerSource } = await ask<{ registerSource: { source: { id: string } } }>(product, REGISTER_SOURCE, {
    title: `Article ${suffix}`,
  });
  const sourceId = registerSource.source.id;
  return {
    brand,
    other,
    sourceId,
    record: (period, value, subject = brand) => writeOne(product, RECORD_FIGURE, { sourceId, subject, period, value }),
    recordMany: async (count) => {
      const inputs = Array.from({ length: count }, (_none, index) => {
        const day = new Date(Date.UTC(2020, 0, 1 + index)).toISOString().slice(0, 10);
        return {
          subject: brand,
          metric: 'DELIVERIES',
          period: day,
          value: index + 1,
          sourceId,
          acknowledgeOutlier: true,
        };
      });
      const { recordFigures } = await ask<{ recordFigures: { userErrors: unknown[] } }>(product, RECORD_FIGURES, {
        inputs,
      });
      if (recordFigures.userErrors.length > 0) throw new Error(JSON.stringify(recordFigures.userErrors));
    },
    announce: (threshold, subject = brand) => writeOne(product, ANNOUNCE, { sourceId, subject, threshold }),
  };
}

async function writeOne(product: Product, mutation: string, variables: Record<string, unknown>): Promise<string> {
  const { written } = await ask<{ written: { cursor: string | null; userErrors: unknown[] } }>(
    product,
    mutation,
    variables,
  );
  if (written.cursor === null) throw new Error(`Nothing was written: ${JSON.stringify(written.userErrors)}`);
  return written.cursor;
}

const CREATE_BRAND = `mutation ($slug: String!, $name: String!) {
  createSubject(input: { kind: BRAND, slug: $slug, name: $name }) { cursor userErrors { message } }
}`;

const REGISTER_SOURCE = `mutation ($title: String!) {
  registerSource(input: { publisher: { slug: "gasgoo", name: "Gasgoo", tier: 3 }, title: $title }) { source { id } }
}`;

const RECORD_FIGURE = `mutation ($subject: String!, $period: Period!, $value: Float!, $sourceId: ID!) {
  written: recordFigure(
    input: { subject: $subject, metric: DELIVERIES, period: $period, value: $value, sourceId: $sourceId, acknowledgeOutlier: true }
  ) { cursor userErrors { code message } }
}`;

const RECORD_FIGURES = `mutation ($inputs: [FigureInput!]!) {
  recordFigures(inputs: $inputs) { userErrors { code message } }
}`;

const ANNOUNCE = `mutation ($subject: String!, $threshold: Float!, $sourceId: ID!) {
  written: announceMilestone(
    input: { subject: $subject, kind: UNITS, metric: PRODUCTION, threshold: $threshold, title: "Reached", reachedOn: "2025-01-01", sourceId: $sourceId }
  ) { cursor userErrors { code message } }
}`;
