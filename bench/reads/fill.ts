import { seedDatabase } from '../../prisma/seed/seed.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { recordFigures } from '../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { createSubject } from '../../src/domain/editing/subjects.ts';
import { addMonths } from '../../src/domain/values/calendar.ts';
import { createLogger } from '../../src/logger.ts';
import { MIGRATIONS } from '../../src/root.ts';
import { LAST_MONTH } from './questions.ts';

const FIGURES = 4_056;
const BRANDS = 30;
const BRANDS_A_COMPANY = 2;
const SOURCES = 24;
/** How many figures are recorded in one write. */
const AT_ONCE = 500;

/** Fills an empty database through the product's own functions: the seed facts, and months of brands up to 4,056 figures. */
export async function fillDatabase(databaseUrl: string): Promise<void> {
  await using database = await openDatabase(
    { databaseUrl, dataDir: '', databaseConnections: 5 },
    createLogger('error'),
  );
  await migrate(database, MIGRATIONS);
  const { client } = database;
  await seedDatabase(client);
  const figures = monthsOf(FIGURES - (await client.figure.count()), await addSources(client));
  await addBrands(client, figures.at(-1)?.period ?? LAST_MONTH);
  // The oldest first, as they were published.
  for (let at = figures.length; at > 0; at -= AT_ONCE)
    await recordFigures(client, figures.slice(Math.max(0, at - AT_ONCE), at).reverse());
  await client.$executeRaw`/* vacuumAll */ vacuum analyze`;
}

type FigureInput = Parameters<typeof recordFigures>[1][number];

/** Figures of all brands, the last month first; sales grow by a thirtieth a month, with a season, and differ between the brands. */
function monthsOf(count: number, sources: readonly number[]): readonly FigureInput[] {
  return Array.from({ length: count }, (_, index) => {
    const [brand, ago] = [index % BRANDS, Math.floor(index / BRANDS)];
    const pace = (8_000 + brand * 1_300) * 0.985 ** ago;
    return {
      subject: `bench-${brand + 1}`,
      metric: 'DELIVERIES',
      period: addMonths(`${LAST_MONTH}-01`, -ago).slice(0, 7),
      value: Math.round(pace * (1 + 0.2 * Math.sin(ago + brand))),
      qualifier: 'EXACT',
      sourceId: sources[(brand + ago) % sources.length] as number,
    };
  });
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

async function addBrands(db: PrismaClient, firstDeliveryOn: string): Promise<void> {
  for (let index = 1; index <= BRANDS; index += 1) {
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
