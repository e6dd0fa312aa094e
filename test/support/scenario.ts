import type { SubjectKind } from '../../src/database/generated/client.ts';
import { type Api, type ApiOptions, openApi } from './api.ts';

/** What a source says when it is not an exact number. */
export interface Stated {
  readonly value?: number;
  readonly lower?: number;
  readonly upper?: number;
  readonly qualifier: 'EXACT' | 'ABOUT' | 'OVER' | 'UNDER' | 'BETWEEN';
}

/** What a mutation or a query takes besides what is spelled out here. */
type Fields = Readonly<Record<string, unknown>>;

/** The arguments of a mutation, each with its type. */
type Args = Readonly<Record<string, readonly [type: string, value: unknown]>>;

export interface Observed {
  readonly period: string;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly qualifier: Stated['qualifier'] | null;
  readonly method: 'ASSERTED' | 'DERIVED';
  readonly agreement: 'SOLE' | 'AGREES' | 'CONFLICTS';
  readonly decidedBy: string | null;
  /** How many independent origins state the value. */
  readonly origins: number;
  readonly resolution: string;
  readonly revised: boolean;
  readonly missing: readonly string[];
  readonly best: { readonly id: string } | null;
  readonly inputs: readonly { readonly id: string; readonly value: number | null }[];
  readonly claims: readonly { readonly value: number | null }[];
}

export interface Reached {
  readonly id: string;
  readonly threshold: number | null;
  readonly metric: string | null;
  readonly status: string;
  readonly reachedOn: string | null;
  readonly window: readonly [string, string] | null;
  readonly elapsed: Readonly<Record<string, unknown>> | null;
}

/** The result of writing figures. */
export interface Written {
  readonly ids: readonly string[];
  readonly deduplicated: number;
  readonly milestones: readonly Reached[];
  readonly cursor: string | null;
}

/** The test's own database with short ways to write and read. A refused write throws Refused. */
export interface Scenario extends AsyncDisposable {
  readonly api: Api;
  /** Creates a subject with a unique slug, and returns the slug. */
  subject(kind: SubjectKind, fields?: Fields): Promise<string>;
  /** Registers a document of a publisher of its own, and returns its id. */
  source(tier?: 1 | 2 | 3 | 4, publishedOn?: string): Promise<string>;
  /** Records what the maker, or another source, says about some periods: deliveries if no metric is given. */
  record(subject: string, values: Readonly<Record<string, number | Stated>>, fields?: Fields): Promise<Written>;
  revise(id: string, value: number | Stated, fields?: Fields): Promise<Written>;
  withdraw(id: string): Promise<Written>;
  rank(id: string, rank: 'PREFERRED' | 'NORMAL' | 'DEPRECATED'): Promise<Written>;
  observe(subject: string, period: string, fields?: Fields): Promise<Observed | null>;
  /** The value to a day, or the newest known one. */
  toDate(subject: string, on?: string, fields?: Fields): Promise<Observed | null>;
  /** Announces that units were reached: a million deliveries if nothing else is given. */
  announce(subject: string, fields?: Fields): Promise<Reached>;
  milestones(subject: string): Promise<readonly Reached[]>;
  /** Sets a target for deliveries if no metric is given, and returns its id. */
  aim(subject: string, fields: Fields): Promise<string>;
  progress(target: string, asOf?: string): Promise<Readonly<Record<string, unknown>>>;
  /** Lets a brand join an alliance, and leave it again if a day for that is given. */
  join(alliance: string, brand: string, joinedOn?: string, leftOn?: string): Promise<void>;
}

/** A write that was refused. */
class Refused extends Error {
  override readonly name = 'Refused';
  constructor(readonly userErrors: readonly { readonly code: string }[]) {
    super(`Refused: ${JSON.stringify(userErrors)}`);
  }
}

export const over = (value: number): Stated => ({ value, qualifier: 'OVER' });
export const about = (value: number): Stated => ({ value, qualifier: 'ABOUT' });
export const between = (lower: number, upper: number): Stated => ({ lower, upper, qualifier: 'BETWEEN' });

const OBSERVED = `period value lower upper qualifier method agreement decidedBy origins resolution revised missing
  best { id } inputs { id value } claims { value }`;
const REACHED = `id threshold metric status reachedOn window
  elapsed { months days totalDays totalDaysMin totalDaysMax since sinceWhat stated }`;
const WRITTEN = `figure { id } deduplicated milestones { ${REACHED} } cursor`;
const PROGRESS = `metric achieved lower upper ratio remaining dataUntil requiredPerMonth requiredPerDay paceIndex verdict
  projectedOn`;

/** Opens a scenario with nothing in it, or with what the options say. */
export async function openScenario(options: ApiOptions = {}): Promise<Scenario> {
  const api = await openApi(options);
  let made = 0;
  const next = (what: string): string => `${what}-${++made}`;

  /** Runs a mutation of one field, and throws its problems. */
  const write = async <Payload>(field: string, args: Args, selection: string): Promise<Payload> => {
    const names = Object.keys(args);
    const declared = names.map((name) => `$${name}: ${args[name]?.[0]}`).join(', ');
    const passed = names.map((name) => `${name}: $${name}`).join(', ');
    const variables = Object.fromEntries(names.map((name) => [name, args[name]?.[1]]));
    // One name for the payload of every mutation.
    const { payload } = await api.ask<{ payload: { userErrors: readonly { code: string }[] } }>(
      `mutation(${declared}) { payload: ${field}(${passed}) { ${selection} userErrors { code path message didYouMean } } }`,
      variables,
    );
    const { userErrors, ...rest } = payload;
    if (userErrors.length > 0) throw new Refused(userErrors);
    return rest as Payload;
  };
  const amend = async (field: string, args: Args): Promise<Written> => {
    const { figure, deduplicated, ...rest } = await write<
      Omit<Written, 'ids' | 'deduplicated'> & { figure: { id: string }; deduplicated: boolean }
    >(field, args, WRITTEN);
    return { ids: [figure.id], deduplicated: deduplicated ? 1 : 0, ...rest };
  };
  const source: Scenario['source'] = async (tier = 1, publishedOn) => {
    const slug = next('publisher');
    const input = { publisher: { slug, name: slug, tier }, title: `What ${slug} says`, publishedOn };
    const payload = await write<{ source: { id: string } }>(
      'registerSource',
      { input: ['SourceInput!', input] },
      'source { id }',
    );
    return payload.source.id;
  };
  let ownSource: Promise<string> | undefined;
  /** The source of claims for which none is given. */
  const maker = (): Promise<string> => {
    ownSource ??= source();
    return ownSource;
  };

  return {
    api,
    source,
    subject: async (kind, fields = {}) => {
      const slug = next(kind.toLowerCase());
      const input = { kind, slug, name: slug, ...fields };
      await write('createSubject', { input: ['SubjectInput!', input] }, 'subject { id }');
      return slug;
    },
    record: async (subject, values, fields = {}) => {
      const sourceId = await maker();
      const inputs = Object.entries(values).map(([period, stated]) => ({
        ...{ subject, metric: 'DELIVERIES', period, sourceId },
        ...statedOf(stated),
        ...fields,
      }));
      const { figures, ...rest } = await write<Omit<Written, 'ids'> & { figures: { id: string }[] }>(
        'recordFigures',
        { inputs: ['[FigureInput!]!', inputs] },
        WRITTEN.replace('figure', 'figures'),
      );
      return { ids: figures.map(({ id }) => id), ...rest };
    },
    revise: (id, value, fields = {}) => {
      const input = { reason: 'A correction.', ...statedOf(value), ...fields };
      return amend('reviseFigure', { id: ['ID!', id], input: ['RevisionInput!', input] });
    },
    withdraw: (id) => amend('withdrawFigure', { id: ['ID!', id], reason: ['String!', 'It was wrong.'] }),
    rank: (id, rank) =>
      amend('rankFigure', { id: ['ID!', id], rank: ['ClaimRank!', rank], reason: ['String!', 'Checked.'] }),
    observe: async (subject, period, { metric = 'DELIVERIES', within, asOf } = {}) => {
      const { observation } = await api.ask<{ observation: Observed | null }>(
        `query($subject: String!, $metric: Metric!, $period: Period!, $within: String, $asOf: DateTime) {
          observation(subject: $subject, metric: $metric, period: $period, within: $within, asOf: $asOf) { ${OBSERVED} }
        }`,
        { subject, metric, period, within, asOf },
      );
      return observation;
    },
    toDate: async (slug, on, { metric = 'DELIVERIES', asOf } = {}) => {
      const { subject } = await api.ask<{ subject: { cumulative: Observed | null } }>(
        `query($slug: String!, $metric: Metric!, $on: Date, $asOf: DateTime) {
          subject(slug: $slug) { cumulative(metric: $metric, on: $on, asOf: $asOf) { ${OBSERVED} } }
        }`,
        { slug, metric, on, asOf },
      );
      return subject.cumulative;
    },
    announce: async (subject, fields = {}) => {
      const units = { kind: 'UNITS', metric: 'DELIVERIES', threshold: 1_000_000, title: 'A million' };
      const input = { subject, ...units, sourceId: await maker(), ...fields };
      const payload = await write<{ milestone: Reached }>(
        'announceMilestone',
        { input: ['MilestoneInput!', input] },
        `milestone { ${REACHED} }`,
      );
      return payload.milestone;
    },
    milestones: async (subject) => {
      const { milestones } = await api.ask<{ milestones: { nodes: readonly Reached[] } }>(
        `query($subject: String!) { milestones(filter: { subjects: [$subject] }, first: 100) { nodes { ${REACHED} } } }`,
        { subject },
      );
      return milestones.nodes;
    },
    aim: async (subject, fields) => {
      const input = { subject, metric: 'DELIVERIES', sourceId: await maker(), ...fields };
      const payload = await write<{ target: { id: string } }>(
        'setTarget',
        { input: ['TargetInput!', input] },
        'target { id }',
      );
      return payload.target.id;
    },
    progress: async (id, asOf) => {
      const { node } = await api.ask<{ node: { progress: Readonly<Record<string, unknown>> } }>(
        `query($id: ID!, $asOf: DateTime) { node(id: $id) { ... on Target { progress(asOf: $asOf) { ${PROGRESS} } } } }`,
        { id, asOf },
      );
      return node.progress;
    },
    join: async (alliance, brand, joinedOn, leftOn) => {
      const { membership } = await write<{ membership: { id: string } }>(
        'joinAlliance',
        { input: ['MembershipInput!', { alliance, brand, joinedOn }] },
        'membership { id }',
      );
      if (leftOn === undefined) return;
      const args: Args = { membershipId: ['ID!', membership.id], leftOn: ['PartialDate!', leftOn] };
      await write('leaveAlliance', args, 'membership { id }');
    },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

function statedOf(stated: number | Stated): Stated {
  return typeof stated === 'number' ? { value: stated, qualifier: 'EXACT' } : stated;
}
