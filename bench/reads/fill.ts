import { seedDatabase } from '../../prisma/seed/seed.ts';
import { VERIFYING } from '../../src/database/bounds.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { bringUpToDate } from '../../src/domain/editing/bring-up-to-date.ts';
import { recordFigures } from '../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { createSubject } from '../../src/domain/editing/subjects.ts';
import { addMonths } from '../../src/domain/values/calendar.ts';
import { createLogger } from '../../src/logger.ts';
import { MIGRATIONS } from '../../src/root.ts';
import { LAST_MONTH } from './questions.ts';

/** What is measured beside other servers. */
const SMALL: Size = { brands: 30, figures: 4_056 };
const BRANDS_A_COMPANY = 2;
const SOURCES = 24;
/** How many figures are recorded in one write. */
const AT_ONCE = 1_000;
/** How a large database is filled: a year of a brand after another, as files are imported. That takes a third of the time that one month after another takes. */
export const MONTHS_AT_ONCE = 12;

/** How much a database is filled with. */
export interface Size {
  readonly brands: number;
  /** Those of the seed included. */
  readonly figures: number;
  /** How many months of one brand follow each other in a write; 1 if not given: all brands of a month, as they are published. */
  readonly monthsAtOnce?: number;
}

/** Fills an empty database through the product's own functions: the seed facts, and months of brands up to as many figures as asked for. */
export async function fillDatabase(
  databaseUrl: string,
  size: Size = SMALL,
  report: (figures: number) => void = () => undefined,
): Promise<void> {
  await using database = await openDatabase(
    { databaseUrl, dataDir: '', databaseConnections: 5, bounds: VERIFYING },
    createLogger('error'),
  );
  await migrate(database, MIGRATIONS);
  const { client } = database;
  // As the server does before anything is written; else its first start would work everything out anew.
  await bringUpToDate(client);
  await seedDatabase(client);
  const count = size.figures - (await client.figure.count());
  const figureAt = await planFigures(client, size);
  await addBrands(client, size.brands, firstMonthOf(count, size));
  // The oldest first, as they were published.
  for (let left = count; left > 0; left -= AT_ONCE) {
    const from = Math.max(0, left - AT_ONCE);
    await recordFigures(
      client,
      Array.from({ length: left - from }, (_, index) => figureAt(left - 1 - index)),
    );
    report(count - from);
  }
  await client.$executeRaw`/* vacuumAll */ vacuum analyze`;
}

type FigureInput = Parameters<typeof recordFigures>[1][number];

/** Figures of all brands, the last months first; deliveries grow by a sixtieth a month, with a season, and differ between the brands. */
async function planFigures(
  db: PrismaClient,
  { brands, monthsAtOnce = 1 }: Size,
): Promise<(index: number) => FigureInput> {
  const sources = await addSources(db);
  return (index) => {
    const brand = Math.floor(index / monthsAtOnce) % brands;
    const ago = Math.floor(index / (brands * monthsAtOnce)) * monthsAtOnce + (index % monthsAtOnce);
    const pace = (8_000 + (brand % 30) * 1_300) * 0.985 ** ago;
    return {
      subject: `bench-${brand + 1}`,
      metric: 'DELIVERIES',
      period: monthsAgo(ago),
      value: Math.round(pace * (1 + 0.2 * Math.sin(ago + brand))),
      qualifier: 'EXACT',
      sourceId: sources[(brand + ago) % sources.length] as number,
    };
  };
}

/** The first month of any brand, of as many figures. */
function firstMonthOf(count: number, { brands, monthsAtOnce = 1 }: Size): string {
  return monthsAgo(Math.ceil(count / (brands * monthsAtOnce)) * monthsAtOnce - 1);
}

function monthsAgo(months: number): string {
  return addMonths(`${LAST_MONTH}-01`, -months).slice(0, 7);
}

async function addSources(db: PrismaClient): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let index = 1; index <= SOURCES; index += 1) {
    const { source } = await registerSource(db, {
      publisher: { slug: `bench-press-${index}`, name: `Press ${index}`, tier: 1 + (index % 4) },
      title: `The deliveries of the month, as counted by Press ${index}`,
      url: `https://press-${index}.example/deliveries`,
    });
    ids.push(source.id);
  }
  return ids;
}

async function addBrands(db: PrismaClient, count: number, firstDeliveryOn: string): Promise<void> {
  for (let index = 1; index <= count; index += 1) {
    const group = Math.ceil(index / BRANDS_A_COMPANY);
    const parent = `bench-group-${group}`;
    if (index % BRANDS_A_COMPANY === 1)
      await createSubject(db, { kind: 'COMPANY', slug: parent, name: `Aurora Group ${group}` });
    await createSubject(db, {
      kind: 'BRAND',
      slug: `bench-${index}`,
      name: `Aurora ${index}`,
      nameZh: `极光${index}`,
      firstDeliveryOn,
      parent,
    });
  }
}
