import { groupBy } from '../../src/domain/values/group.ts';

/** The columns that are read of a subject and of a figure. */
export const SUBJECT = `id, slug, name, "nameZh", "firstDeliveryOn", "parentId"`;
export const FIGURE = `id, "subjectId", "sourceId", metric, period, value, qualifier, "recordedAt"`;

export interface Row {
  readonly id: number;
  readonly [column: string]: unknown;
}

/** Reads rows with a named statement. */
export type Read = (name: string, text: string, values: readonly unknown[]) => Promise<readonly Row[]>;

/** What a loader is asked about: the parents, each with the arguments of the field. */
type Asked = readonly { readonly obj: Row; readonly params: Readonly<Record<string, unknown>> }[];

/** The loaders of all fields below the roots. */
export function loadersOver(read: Read) {
  const subjects = (column: 'subjectId' | 'parentId') => async (asked: Asked) => {
    const ids = [...new Set(asked.map(({ obj }) => obj[column]))];
    const rows = await read('subjects', `/* subjects */ select ${SUBJECT} from "Subject" where id = any($1)`, [ids]);
    return asked.map(({ obj }) => rows.find(({ id }) => id === obj[column]) ?? null);
  };
  const source = async (asked: Asked) => {
    const ids = [...new Set(asked.map(({ obj }) => obj.sourceId))];
    const rows = await read(
      'sources',
      `/* sources */
      select id, title, url, "publishedOn"::text as "publishedOn", "publisherId" from "Source" where id = any($1)`,
      [ids],
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    return asked.map(({ obj }) => byId.get(obj.sourceId as number));
  };
  return {
    Source: {
      publisher: async (asked: Asked) => {
        const ids = [...new Set(asked.map(({ obj }) => obj.publisherId))];
        const rows = await read(
          'publishers',
          `/* publishers */ select id, name, tier from "Publisher" where id = any($1)`,
          [ids],
        );
        const byId = new Map(rows.map((row) => [row.id, row]));
        return asked.map(({ obj }) => byId.get(obj.publisherId as number));
      },
    },
    Figure: { subject: subjects('subjectId'), source },
    Claim: { source },
    Entry: { subject: subjects('subjectId') },
    Milestone: {
      subject: subjects('subjectId'),
      claims: async (asked: Asked) => {
        const rows = await read(
          'claims',
          `/* claims */
          select id, "milestoneId", "sourceId", "on", note from "MilestoneClaim" where "milestoneId" = any($1) order by id`,
          [asked.map(({ obj }) => obj.id)],
        );
        return asked.map(({ obj }) => rows.filter(({ milestoneId }) => milestoneId === obj.id));
      },
    },
    Series: {
      observations: async (asked: Asked) => {
        const ids = asked.map(({ obj }) => (obj.subject as Row).id);
        const [first] = asked as unknown as readonly [{ obj: { from: string; to: string } }];
        const rows = await read(
          'observations',
          `/* observations */
          select asked.id as "subjectId", shown.*
            from unnest($1::int[]) asked(id)
           cross join lateral (
                 select period, value, lower, upper, qualifier, base
                   from (select *, first_value(value) over (order by month range between '1 year' preceding and '1 year' preceding) as base
                           from (select period, value, lower, upper, qualifier, date_trunc('month', "periodEnd")::date as month
                                   from "Observation"
                                  where "subjectId" = asked.id and metric = 'DELIVERIES' and kind = 'MONTH' and "withinId" is null
                                    and "periodEnd" >= ($2 || '-01')::date - interval '1 year'
                                    and "periodEnd" < ($3 || '-01')::date + interval '1 month'
                                  order by "periodEnd") known) compared
                  where month >= ($2 || '-01')::date and (value is not null or lower > 0)
                  order by month) shown`,
          [ids, first.obj.from, first.obj.to],
        );
        const bySubject = groupBy(rows, ({ subjectId }) => subjectId);
        return ids.map((id) => bySubject.get(id) ?? []);
      },
    },
    Subject: {
      company: subjects('parentId'),
      series: async (asked: Asked) => asked.map(({ obj, params }) => ({ subject: obj, ...params })),
      figures: async (asked: Asked) => {
        const rows = await read(
          'figuresOf',
          `/* figuresOf */
          select f.*
            from unnest($1::int[]) asked(subject)
           cross join lateral (select ${FIGURE} from "Figure" where "subjectId" = asked.subject and "claimKey" is not null
                                order by "periodEnd" desc, id limit $2) f`,
          [asked.map(({ obj }) => obj.id), asked[0]?.params.first],
        );
        return asked.map(({ obj }) => ({ nodes: rows.filter(({ subjectId }) => subjectId === obj.id) }));
      },
      milestones: async (asked: Asked) => {
        const rows = await read(
          'milestonesOf',
          `/* milestonesOf */
          select m.*
            from unnest($1::int[]) asked(subject)
           cross join lateral (select id, "subjectId", title, "reachedOn", status
                                 from "Milestone"
                                where "subjectId" = asked.subject and status <> 'WITHDRAWN'
                                order by "sortOn" desc, id desc
                                limit $2) m`,
          [asked.map(({ obj }) => obj.id), asked[0]?.params.last],
        );
        return asked.map(({ obj }) => ({
          nodes: rows.filter(({ subjectId }) => subjectId === obj.id).reverse(),
        }));
      },
    },
  };
}
