import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import mercurius, { type MercuriusLoaders } from 'mercurius';
import pg from 'pg';
import { FIGURE, loadersOver, type Read, type Row, SUBJECT } from './mercurius-loaders.ts';
import { boardOf, monthBefore } from './months.ts';

/** After how many executions of a document Mercurius compiles it. */
const COMPILED_AFTER = 1;

const SCHEMA = `
  scalar PartialDate
  scalar Period
  scalar Date
  scalar DateTime
  enum Comparison { YEAR_AGO }
  enum FigureOrder { PERIOD_DESC RECORDED_DESC }
  enum MilestoneKind { UNITS LAUNCH FIRST_DELIVERY FIRST_PROFIT RANKING RECORD OTHER }
  enum MilestoneStatus { ANNOUNCED DETECTED CONFIRMED DISPUTED WITHDRAWN EXPECTED }
  input MilestoneFilter { kinds: [MilestoneKind!] threshold: Float statuses: [MilestoneStatus!] }
  type Publisher { name: String! tier: Int! }
  type Source { title: String! url: String publishedOn: Date publisher: Publisher! }
  type Figure {
    metric: String! period: Period! value: Float qualifier: String! recordedAt: DateTime! subject: Subject! source: Source!
  }
  type FigureConnection { nodes: [Figure!]! }
  type Claim { on: PartialDate note: String source: Source! }
  type Milestone {
    subject: Subject! metric: String title: String! reachedOn: PartialDate status: MilestoneStatus! claims: [Claim!]!
  }
  type MilestoneConnection { totalCount: Int! nodes: [Milestone!]! }
  type Growth { percent: Float! }
  type Observation {
    period: Period! value: Float lower: Float upper: Float qualifier: String! change(over: Comparison!): Growth
  }
  type Series { subject: Subject! observations: [Observation!]! }
  type Subject {
    slug: String! name: String! nameZh: String firstDeliveryOn: PartialDate company: Subject
    series(from: PartialDate!, to: PartialDate!): Series!
    figures(first: Int): FigureConnection!
    milestones(last: Int): MilestoneConnection!
  }
  type Entry { rank: Int! previousRank: Int share: Float! subject: Subject! observation: Observation! }
  type Leaderboard { period: Period! total: Float! entries: [Entry!]! }
  type Query {
    series(subjects: [String!]!, from: PartialDate!, to: PartialDate!): [Series!]!
    brand(slug: String!): Subject
    milestones(filter: MilestoneFilter, first: Int): MilestoneConnection!
    leaderboard(period: Period!): Leaderboard!
    figures(first: Int, orderBy: FigureOrder): FigureConnection!
  }`;

/** The same questions with Mercurius: its compiler is on, each field below the roots has a loader with one named statement for all parents. */
export async function startMercurius(connectionString: string): Promise<string> {
  const pool = new pg.Pool({ connectionString, options: '-c TimeZone=UTC -c jit=off' });
  const read = async (name: string, text: string, values: readonly unknown[]): Promise<readonly Row[]> =>
    (await pool.query({ name, text, values: [...values] })).rows;
  const app = fastify();
  await app.register(mercurius, {
    schema: SCHEMA,
    jit: COMPILED_AFTER,
    resolvers: { Query: rootsOver(read), Observation: { change } },
    loaders: uncached(loadersOver(read)),
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/graphql`;
}

function rootsOver(read: Read) {
  return {
    series: async (_root: unknown, { subjects, from, to }: { subjects: string[]; from: string; to: string }) => {
      const found = await read('series', `/* series */ select ${SUBJECT} from "Subject" where slug = any($1)`, [
        subjects,
      ]);
      const bySlug = new Map(found.map((subject) => [subject.slug, subject]));
      return subjects.map((slug) => ({ subject: bySlug.get(slug), from, to }));
    },
    brand: async (_root: unknown, { slug }: { slug: string }) =>
      (
        await read('brand', `/* brand */ select ${SUBJECT} from "Subject" where slug = $1 and kind = 'BRAND'`, [slug])
      )[0],
    milestones: async (
      _root: unknown,
      { filter, first }: { filter: { kinds: string[]; threshold: number; statuses: string[] }; first: number },
    ) => {
      const nodes = await read(
        'milestones',
        `/* milestones */
        select id, "subjectId", metric, title, "reachedOn", status, count(*) over ()::int as total
          from "Milestone"
         where kind = any($1::"MilestoneKind"[]) and threshold = $2 and status = any($3::"MilestoneStatus"[])
         order by "sortOn", id
         limit $4`,
        [filter.kinds, filter.threshold, filter.statuses, first],
      );
      return { totalCount: nodes[0]?.total ?? 0, nodes };
    },
    leaderboard: async (_root: unknown, { period }: { period: string }) => {
      const rows = await read(
        'leaderboard',
        `/* leaderboard */
        select o."subjectId", o.period, o.value, o.lower, o.qualifier
          from "Observation" o
          join "Subject" s on s.id = o."subjectId" and s.kind = 'BRAND'
         where o.period = any($1) and o.metric = 'DELIVERIES' and o."withinId" is null`,
        [[period, monthBefore(period)]],
      );
      const known = rows as unknown as readonly {
        subjectId: number;
        period: string;
        value: number | null;
        lower: number | null;
      }[];
      const [now, before] = [
        known.filter((row) => row.period === period),
        known.filter((row) => row.period !== period),
      ];
      const { total, entries } = boardOf(now, before);
      return { period, total, entries: entries.map((entry) => ({ ...entry, subjectId: entry.observation.subjectId })) };
    },
    figures: async (_root: unknown, { first }: { first: number }) => ({
      nodes: await read(
        'figures',
        `/* figures */
        select ${FIGURE} from "Figure" where "claimKey" is not null order by "recordedAt" desc, id desc limit $1`,
        [first],
      ),
    }),
  };
}

/** The growth of an observation, with whose row the value of the year before was read. */
function change({ value, base }: { readonly value: number | null; readonly base: number | null }) {
  return value === null || base === null || base === 0 ? null : { percent: ((value - base) * 100) / base };
}

/** By default a loader keeps each row of an operation under its whole text, which costs more than it saves. */
function uncached(types: Readonly<Record<string, Readonly<Record<string, unknown>>>>): MercuriusLoaders {
  const withOptions = (fields: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(fields).map(([name, loader]) => [name, { loader, opts: { cache: false } }]));
  return Object.fromEntries(
    Object.entries(types).map(([type, fields]) => [type, withOptions(fields)]),
  ) as unknown as MercuriusLoaders;
}
