import type { Scenario } from './scenario.ts';

/** What one article says about a milestone. */
export interface Saying {
  readonly on: string | null;
  readonly rank: string;
  readonly rankReason: string | null;
  readonly note: string | null;
  readonly expected: boolean;
  readonly statedElapsed: { readonly value: number; readonly unit: string; readonly from: string } | null;
  readonly source: { readonly publisher: { readonly slug: string } };
}

/** A milestone with the claims of all sources. */
export interface Told {
  readonly subject: { readonly slug: string };
  readonly kind: string;
  readonly metric: string | null;
  readonly threshold: number | null;
  readonly title: string;
  readonly status: string;
  readonly reachedOn: string | null;
  readonly agreement: string;
  readonly elapsed: Readonly<Record<string, unknown>> | null;
  readonly claims: readonly Saying[];
}

/** A figure as its article has it. */
export interface Claimed {
  readonly value: number | null;
  readonly qualifier: string;
  readonly unit: string;
  readonly period: string;
  readonly statedChangePercent: number | null;
  readonly note: string | null;
  readonly within: { readonly slug: string } | null;
  readonly source: { readonly publisher: { readonly slug: string } };
}

/** The milestones that match a filter, the earliest first. */
export async function told(scenario: Scenario, filter: object): Promise<readonly Told[]> {
  const { milestones } = await scenario.api.ask<{ milestones: { nodes: readonly Told[] } }>(
    `query($filter: MilestoneFilter!) { milestones(filter: $filter, first: 100) { nodes {
      subject { slug } kind metric threshold title status reachedOn agreement
      elapsed { months totalDays totalDaysMin totalDaysMax sinceWhat stated }
      claims { on rank rankReason note expected statedElapsed { value unit from } source { publisher { slug } } }
    } } }`,
    { filter },
  );
  return milestones.nodes;
}

/** The one milestone that matches a filter and whose title contains the words. */
export async function theOne(scenario: Scenario, filter: object, words = ''): Promise<Told> {
  const found = (await told(scenario, filter)).filter(({ title }) => title.includes(words));
  if (found.length !== 1) throw new Error(`${found.length} milestones are found for ${JSON.stringify(filter)}.`);
  return found[0] as Told;
}

/** The figures that match a filter, the newest period first. */
export async function claimed(scenario: Scenario, filter: object): Promise<readonly Claimed[]> {
  const { figures } = await scenario.api.ask<{ figures: { nodes: readonly Claimed[] } }>(
    `query($filter: FigureFilter!) { figures(filter: $filter, first: 100) { nodes {
      value qualifier unit period statedChangePercent note within { slug } source { publisher { slug } }
    } } }`,
    { filter },
  );
  return figures.nodes;
}
