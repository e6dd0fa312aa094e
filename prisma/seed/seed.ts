import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import type { FigureInput } from '../../src/domain/claims/figure-input.ts';
import { joinAlliance, leaveAlliance } from '../../src/domain/editing/memberships.ts';
import { announceMilestone, type MilestoneInput } from '../../src/domain/editing/milestones.ts';
import { fillOrigins } from '../../src/domain/editing/origins.ts';
import { recordFigures } from '../../src/domain/editing/record-figures.ts';
import { addPublishers, type PublisherInput, registerSource } from '../../src/domain/editing/sources.ts';
import {
  createSubject,
  type SubjectInput,
  type SubjectPatch,
  updateSubject,
} from '../../src/domain/editing/subjects.ts';
import { ROOT } from '../../src/root.ts';
import { loadRevisions, loadWithdrawals, retitle } from './corrections.ts';
import { cell, list, number, optional, type Progress, type Row, type SourceIds } from './rows.ts';
import { loadTargets } from './targets.ts';

const FILES = [
  'publishers',
  'sources',
  'subjects',
  'memberships',
  'withdrawals',
  'figures',
  'milestones',
  'targets',
  'monthly',
  'revisions',
] as const;
const FIGURES_AT_ONCE = 250;
/** Loading that takes longer than this reports its progress. */
const QUIET_MS = 2_000;

type File = (typeof FILES)[number];
type Rows = Readonly<Record<File, readonly Row[]>>;

export interface SeedOptions {
  /** Gets progress reports one line at a time, once loading takes longer than 2 s. */
  readonly report?: (line: string) => void;
  /** The files that are loaded; all if not given. Everything that a loaded file refers to must exist. */
  readonly files?: readonly File[];
}

/**
 * Loads the seed facts through the domain functions. The same files are loaded once;
 * newer ones add what is new, also origins, nearer parents, launches and titles, withdraw what earlier ones had wrong, and leave alone what was changed, revised or withdrawn since.
 */
export async function seedDatabase(db: PrismaClient, options: SeedOptions = {}): Promise<void> {
  const { files = FILES } = options;
  const texts = await Promise.all(FILES.map(async (file) => (files.includes(file) ? readSeedFile(file) : '')));
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
  if ((await db.seedLoad.findUnique({ where: { hash } })) !== null) return;
  const rows = Object.fromEntries(FILES.map((file, index) => [file, parseCsv(texts[index] as string)])) as Rows;
  const progress = startProgress(options.report);
  const sources = await loadSources(db, rows, progress);
  await loadSubjects(db, rows.subjects, progress);
  await loadMemberships(db, rows.memberships, sources, progress);
  // First deliveries before the figures: later, each would have all figures of its subject worked out again.
  const isFirst = ({ kind }: Row): boolean => kind === 'FIRST_DELIVERY';
  await loadMilestones(db, rows.milestones.filter(isFirst), sources, progress);
  await loadWithdrawals(db, rows.withdrawals, sources);
  await loadFigures(db, [...rows.figures, ...rows.monthly], sources, progress);
  await loadRevisions(db, rows.revisions, sources);
  await loadMilestones(
    db,
    rows.milestones.filter((row) => !isFirst(row)),
    sources,
    progress,
  );
  await loadTargets(db, rows.targets, sources, progress);
  await db.seedLoad.upsert({ where: { hash }, update: {}, create: { hash } });
}

function readSeedFile(file: File): Promise<string> {
  return readFile(new URL(`prisma/seed/${file}.csv`, ROOT), 'utf8');
}

function parseCsv(text: string): readonly Row[] {
  return parse(text, { columns: true, skip_empty_lines: true }) as Row[];
}

function startProgress(report: SeedOptions['report']): Progress {
  let next = Date.now() + QUIET_MS;
  return (what, done, all) => {
    if (Date.now() < next) return;
    next = Date.now() + QUIET_MS;
    report?.(`Loading the seed facts: ${what} ${done} of ${all}`);
  };
}

async function loadSources(db: PrismaClient, rows: Rows, progress: Progress): Promise<SourceIds> {
  const publishers = new Map(rows.publishers.map((row) => [row.slug, row]));
  const ids = new Map<string, number>();
  for (const row of rows.sources) {
    const publisher = publishers.get(row.publisher) as Row;
    const { source } = await registerSource(db, {
      publisher: publisherOf(publisher),
      title: cell(row, 'title'),
      url: optional(row.url),
      publishedOn: optional(row.publishedOn),
    });
    ids.set(cell(row, 'key'), source.id);
    progress('sources', ids.size, rows.sources.length);
  }
  await loadOrigins(db, rows.sources, publishers, ids);
  return ids;
}

/** Afterwards, because a database that was loaded before has the documents without their origins. */
async function loadOrigins(
  db: PrismaClient,
  sources: readonly Row[],
  publishers: ReadonlyMap<string | undefined, Row>,
  ids: SourceIds,
): Promise<void> {
  const named = sources.flatMap((row) => {
    const origin = optional(row.origin);
    return origin === null ? [] : [{ sourceId: ids.get(cell(row, 'key')) as number, origin }];
  });
  const origins = [...new Set(named.map(({ origin }) => origin))];
  await addPublishers(
    db,
    origins.map((slug) => publisherOf(publishers.get(slug) as Row)),
  );
  await fillOrigins(db, named);
}

function publisherOf(row: Row): PublisherInput {
  return { slug: cell(row, 'slug'), name: cell(row, 'name'), tier: Number(row.tier) };
}

async function loadSubjects(db: PrismaClient, rows: readonly Row[], progress: Progress): Promise<void> {
  const subjects = await db.subject.findMany({
    select: { slug: true, launchedOn: true, parent: { select: { slug: true } } },
  });
  const there = new Map(subjects.map(({ slug, launchedOn, parent }) => [slug, { launchedOn, parent: parent?.slug }]));
  for (const [index, row] of rows.entries()) {
    const slug = cell(row, 'slug');
    if (there.has(slug)) {
      const patch = patchOf(row, there);
      if (Object.keys(patch).length > 0) await updateSubject(db, slug, patch);
      continue;
    }
    await createSubject(db, {
      kind: cell(row, 'kind') as SubjectInput['kind'],
      slug,
      name: cell(row, 'name'),
      nameZh: optional(row.nameZh),
      aliases: list(row.aliases),
      parent: optional(row.parent),
      foundedOn: optional(row.foundedOn),
      launchedOn: optional(row.launchedOn),
      firstDeliveryOn: optional(row.firstDeliveryOn),
      powertrains: list(row.powertrains) as NonNullable<SubjectInput['powertrains']>,
      city: optional(row.city),
      leader: optional(row.leader),
      operator: optional(row.operator),
      brandsComplete: optional(row.brandsComplete) === 'false' ? false : undefined,
    });
    progress('subjects', index + 1, rows.length);
  }
}

type Present = ReadonlyMap<string, { readonly launchedOn: string | null; readonly parent: string | undefined }>;

/** What a subject of earlier files lacks: its launch, and a parent one step below the present one. */
function patchOf(row: Row, there: Present): SubjectPatch {
  const [parent, launchedOn] = [optional(row.parent), optional(row.launchedOn)];
  const present = there.get(cell(row, 'slug'));
  const isNearer =
    parent !== null &&
    present?.parent !== undefined &&
    parent !== present.parent &&
    there.get(parent)?.parent === present.parent;
  return {
    ...(isNearer ? { parent } : {}),
    ...(launchedOn !== null && present?.launchedOn === null ? { launchedOn } : {}),
  };
}

async function loadMemberships(
  db: PrismaClient,
  rows: readonly Row[],
  sources: SourceIds,
  progress: Progress,
): Promise<void> {
  for (const [index, row] of rows.entries()) {
    const { alliance, brand } = row as { alliance: string; brand: string };
    const there = await db.membership.count({ where: { alliance: { slug: alliance }, brand: { slug: brand } } });
    if (there > 0) continue;
    const { membership } = await joinAlliance(db, {
      alliance,
      brand,
      company: optional(row.company),
      joinedOn: optional(row.joinedOn),
      sourceId: sources.get(cell(row, 'source')) ?? null,
    });
    if (optional(row.leftOn) !== null) await leaveAlliance(db, membership.id, cell(row, 'leftOn'));
    progress('memberships', index + 1, rows.length);
  }
}

async function loadFigures(
  db: PrismaClient,
  rows: readonly Row[],
  sources: SourceIds,
  progress: Progress,
): Promise<void> {
  const touched = await readTouchedSlots(db, [...sources.values()]);
  const fresh = rows.filter((row) => !touched.has(slotOf(row, sources)));
  for (let done = 0; done < fresh.length; done += FIGURES_AT_ONCE) {
    const batch = fresh.slice(done, done + FIGURES_AT_ONCE);
    await recordFigures(
      db,
      batch.map((row) => figureOf(row, sources)),
    );
    progress('figures', done + batch.length, fresh.length);
  }
}

/** Source and slot of every claim that these sources ever made here, including those that were revised or withdrawn since. */
async function readTouchedSlots(db: PrismaClient, sourceIds: readonly number[]): Promise<ReadonlySet<string>> {
  const figures = await db.figure.findMany({
    where: { sourceId: { in: [...sourceIds] } },
    select: {
      sourceId: true,
      metric: true,
      period: true,
      subject: { select: { slug: true } },
      within: { select: { slug: true } },
    },
  });
  return new Set(
    figures.map((figure) =>
      [figure.sourceId, figure.subject.slug, figure.metric, figure.period, figure.within?.slug ?? ''].join('|'),
    ),
  );
}

function slotOf(row: Row, sources: SourceIds): string {
  return [sources.get(cell(row, 'source')), row.subject, row.metric, row.period, row.within ?? ''].join('|');
}

function figureOf(row: Row, sources: SourceIds): FigureInput {
  return {
    subject: cell(row, 'subject'),
    metric: cell(row, 'metric') as FigureInput['metric'],
    period: cell(row, 'period'),
    within: optional(row.within),
    value: number(row.value),
    lower: number(row.lower),
    upper: number(row.upper),
    qualifier: (optional(row.qualifier) ?? 'EXACT') as FigureInput['qualifier'],
    statedChangePercent: number(row.statedChangePercent),
    sourceId: sources.get(cell(row, 'source')) ?? null,
    attributedTo: optional(row.attributedTo),
    note: optional(row.note),
    breaks: row.breaks === 'true',
    acknowledgeOutlier: true,
    ...rankOf(row),
  };
}

async function loadMilestones(
  db: PrismaClient,
  rows: readonly Row[],
  sources: SourceIds,
  progress: Progress,
): Promise<void> {
  for (const [index, row] of rows.entries()) {
    await retitle(db, row);
    await announceMilestone(db, {
      subject: cell(row, 'subject'),
      kind: cell(row, 'kind') as MilestoneInput['kind'],
      metric: optional(row.metric) as MilestoneInput['metric'],
      threshold: number(row.threshold),
      title: cell(row, 'title'),
      reachedOn: optional(row.reachedOn),
      plant: optional(row.plant),
      model: optional(row.model),
      statedElapsed: statedElapsedOf(row),
      expected: row.expected === 'true',
      sourceId: sources.get(cell(row, 'source')) ?? null,
      note: optional(row.note),
      ...rankOf(row),
    });
    progress('milestones', index + 1, rows.length);
  }
}

function statedElapsedOf(row: Row): MilestoneInput['statedElapsed'] {
  const value = number(row.statedElapsedValue);
  if (value === null) return null;
  return {
    value,
    unit: cell(row, 'statedElapsedUnit'),
    from: cell(row, 'statedElapsedFrom'),
    qualifier: cell(row, 'statedElapsedQualifier') as FigureInput['qualifier'],
  };
}

function rankOf(row: Row): Pick<FigureInput, 'rank' | 'rankReason'> {
  const rank = optional(row.rank) as FigureInput['rank'] | null;
  const reason = optional(row.rankReason);
  return { ...(rank == null ? {} : { rank }), ...(reason === null ? {} : { rankReason: reason }) };
}
