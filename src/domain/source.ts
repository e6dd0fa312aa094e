import { createHash } from 'node:crypto';
import { write } from '../changes/log.ts';
import type { PrismaClient, Publisher, Source } from '../database/generated/client.ts';
import type { Db, Tx } from '../database/handle.ts';
import { dayOf, parseDay } from './calendar.ts';
import { collectProblems, type Problems } from './problems.ts';
import { SLUG_FORMAT } from './subject-lookup.ts';
import { checkText } from './text.ts';

const MAX_TITLE = 500;
const MAX_URL = 2_000;
const MAX_NAME = 200;
const TIERS = [1, 2, 3, 4];

/** Who publishes: an existing slug is reused; name and tier make a new one. */
export interface PublisherInput {
  readonly slug: string;
  readonly name?: string | null | undefined;
  readonly tier?: number | null | undefined;
}

/** One document. */
export interface SourceInput {
  readonly publisher: PublisherInput;
  readonly title: string;
  readonly url?: string | null | undefined;
  readonly publishedOn?: string | null | undefined;
}

/** A registered source; deduplicated when the same document was there already. */
export interface RegisteredSource {
  readonly source: Source;
  readonly deduplicated: boolean;
}

/**
 * Registers a document. The same publisher, title and address are the same document, which is registered once.
 * BadInput names everything wrong at once.
 */
export async function registerSource(db: PrismaClient, input: SourceInput): Promise<RegisteredSource> {
  const problems = collectProblems('input');
  checkText(problems, 'title', input.title, MAX_TITLE);
  checkUrl(problems, input.url);
  checkPublishedOn(problems, input.publishedOn);
  return write(db, async ({ tx, append }) => {
    const known = await tx.publisher.findUnique({ where: { slug: input.publisher.slug } });
    if (known === null) checkNewPublisher(problems.at('publisher'), input.publisher);
    problems.throwIfAny();
    const publisher = known ?? (await createPublisher(tx, input.publisher));
    const identity = identityOf(input);
    const existing = await tx.source.findUnique({ where: { identity } });
    if (existing !== null) return { source: existing, deduplicated: true };
    const { count } = await tx.source.createMany({
      data: [
        {
          publisherId: publisher.id,
          title: input.title.trim(),
          url: input.url ?? null,
          publishedOn: input.publishedOn == null ? null : new Date(input.publishedOn),
          identity,
        },
      ],
      // Of two at once the first stays. An upsert would fail: it looks first and then inserts.
      skipDuplicates: true,
    });
    const source = await tx.source.findUniqueOrThrow({ where: { identity } });
    if (count > 0) await append([{ kind: 'SOURCE', sourceId: source.id }]);
    return { source, deduplicated: count === 0 };
  });
}

/** The sources of the ids that are there, with their publishers. */
export async function findSources(
  db: Db,
  ids: readonly number[],
): Promise<ReadonlyMap<number, Source & { readonly publisher: Publisher }>> {
  const found = await db.source.findMany({ where: { id: { in: [...new Set(ids)] } }, include: { publisher: true } });
  return new Map(found.map((source) => [source.id, source]));
}

async function createPublisher(tx: Tx, { slug, name, tier }: PublisherInput): Promise<Publisher> {
  await tx.publisher.createMany({
    data: [{ slug, name: name?.trim() ?? slug, tier: tier ?? 4 }],
    skipDuplicates: true,
  });
  return tx.publisher.findUniqueOrThrow({ where: { slug } });
}

function checkNewPublisher(problems: Problems, { slug, name, tier }: PublisherInput): void {
  if (!SLUG_FORMAT.test(slug) || slug.length > 80) {
    problems.add(
      'INVALID_INPUT',
      'slug',
      `"${slug}" is not a slug: lower-case letters, digits and single hyphens, at most 80.`,
    );
  }
  if (name == null)
    problems.add('INVALID_INPUT', 'name', `There is no publisher "${slug}" yet; a new one needs a name.`);
  checkText(problems, 'name', name, MAX_NAME);
  if (tier == null || !TIERS.includes(tier)) {
    problems.add(
      'INVALID_INPUT',
      'tier',
      `There is no publisher "${slug}" yet; a new one needs a tier: 1 the maker itself, 2 an association or regulator, 3 trade press, 4 general press.`,
    );
  }
}

function checkUrl(problems: Problems, url: string | null | undefined): void {
  if (url == null) return;
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol !== 'https:' && protocol !== 'http:') {
    problems.add('INVALID_INPUT', 'url', `"${url}" is not an address that begins with https:// or http://.`);
  }
  checkText(problems, 'url', url, MAX_URL);
}

function checkPublishedOn(problems: Problems, publishedOn: string | null | undefined): void {
  if (publishedOn == null) return;
  if (parseDay(publishedOn) === null) {
    problems.add('INVALID_INPUT', 'publishedOn', `"${publishedOn}" is not a day; write 2024-10-15.`);
  } else if (publishedOn > dayOf(new Date())) {
    problems.add('INVALID_INPUT', 'publishedOn', `${publishedOn} has not come yet.`);
  }
}

function identityOf(input: SourceInput): string {
  const parts = [input.publisher.slug, input.title.trim(), input.url ?? ''];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
