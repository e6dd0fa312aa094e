import { readFile } from 'node:fs/promises';
import type { Metric } from '../../src/database/generated/client.ts';
import type { Relatives } from '../../src/domain/catalog/families.ts';
import { spanOf } from '../../src/domain/estimates/spans.ts';
import type { SpanClaim } from '../../src/domain/estimates/weighing.ts';
import { dayNumber } from '../../src/domain/values/calendar.ts';
import { boundsOf } from '../../src/domain/values/interval.ts';
import { parsePeriod } from '../../src/domain/values/period.ts';
import { present, required } from '../../src/required.ts';

const FOLDER = new URL('../../prisma/seed/', import.meta.url);

type Row = Readonly<Record<string, string>>;

/** The claims of the seed's monthly table, and who is part of whom, without a database. */
export interface SeedClaims {
  readonly relatives: Relatives;
  /** By metric, then by the subject's id in `relatives`. */
  readonly claims: ReadonlyMap<Metric, ReadonlyMap<number, readonly SpanClaim[]>>;
}

/** Reads the seed files. */
export async function readSeedClaims(): Promise<SeedClaims> {
  const [publishers, sources, subjects, memberships, monthly] = await Promise.all(
    ['publishers', 'sources', 'subjects', 'memberships', 'monthly'].map(readRows),
  );
  const publisherOf = new Map(present(publishers).map((row) => [row.slug, row]));
  const sourceOf = new Map(present(sources).map((row) => [row.key, row]));
  const idOf = new Map(present(subjects).map((row, index) => [row.slug, index + 1]));
  const claims = new Map<Metric, Map<number, SpanClaim[]>>();
  for (const [index, row] of present(monthly).entries()) {
    const { subject, metric, period = '', value, source } = row;
    const { title = '', publisher = '', origin, publishedOn } = required(sourceOf, source);
    const { name = '', tier } = required(publisherOf, publisher);
    const parsed = present(parsePeriod(period));
    const claim: SpanClaim = {
      ...{
        id: index + 1,
        subjectId: required(idOf, subject),
        metric: metric as Metric,
        period: parsed.text,
        ...spanOf(parsed),
        value: Number(value),
        title,
      },
      ...{ bounds: boundsOf('EXACT', Number(value)), qualifier: 'EXACT', rank: 'NORMAL', statedChangePercent: null },
      ...{
        publisher: { slug: publisher, name },
        origin: origin === '' ? publisher : present(origin),
        tier: Number(tier),
      },
      publishedOn: publishedOn === '' ? null : dayNumber(present(publishedOn)),
    };
    const ofMetric = claims.get(metric as Metric) ?? new Map<number, SpanClaim[]>();
    claims.set(metric as Metric, ofMetric);
    const id = required(idOf, subject);
    ofMetric.set(id, [...(ofMetric.get(id) ?? []), claim]);
  }
  const orNull = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);
  return {
    claims,
    relatives: {
      subjects: present(subjects).map((row) => ({
        ...{ id: required(idOf, row.slug), slug: row.slug ?? '', name: row.name ?? '', kind: row.kind as 'BRAND' },
        ...{ parentId: idOf.get(row.parent) ?? null, brandsComplete: row.brandsComplete !== 'false' },
        ...{ firstDeliveryOn: orNull(row.firstDeliveryOn), launchedOn: orNull(row.launchedOn) },
      })),
      memberships: present(memberships).map((row) => ({
        ...{ allianceId: required(idOf, row.alliance), brandId: required(idOf, row.brand) },
        ...{ joinedOn: orNull(row.joinedOn), leftOn: orNull(row.leftOn) },
      })),
    },
  };
}

/** A subject with everything that it is a part or a whole of, over any number of steps. */
export function familyOf({ subjects, memberships }: Relatives, id: number): Relatives {
  const pairs = [
    ...subjects.flatMap((one) =>
      one.kind === 'BRAND' && one.parentId !== null ? [[one.id, one.parentId] as const] : [],
    ),
    ...memberships.map(({ brandId, allianceId }) => [brandId, allianceId] as const),
  ];
  const ids = new Set([id]);
  for (let count = 0; count < ids.size; ) {
    count = ids.size;
    for (const [part, whole] of pairs) {
      if (ids.has(part)) ids.add(whole);
      if (ids.has(whole)) ids.add(part);
    }
  }
  return {
    subjects: subjects.filter((one) => ids.has(one.id)),
    memberships: memberships.filter(({ allianceId }) => ids.has(allianceId)),
  };
}

async function readRows(name: string): Promise<readonly Row[]> {
  const text = await readFile(new URL(`${name}.csv`, FOLDER), 'utf8');
  const [head = [], ...rows] = text
    .split('\n')
    .filter((line) => line !== '')
    .map(cellsOf);
  return rows.map((cells) => Object.fromEntries(cells.map((cell, index) => [head[index] ?? '', cell])));
}

/** The cells of a line of RFC 4180. The seed has no line breaks inside of quotes. */
function cellsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  );
}
