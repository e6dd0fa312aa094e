import { createHash } from 'node:crypto';
import { write } from '../../changes/write.ts';
import type { PrismaClient, Publisher, Source } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { suggestPublishers } from '../catalog/search.ts';
import { SLUG_FORMAT } from '../catalog/subjects.ts';
import { dayOf, parseDay } from '../values/calendar.ts';
import { collectProblems, type Problems } from '../values/problems.ts';
import { checkText } from '../values/text.ts';

const MAX_TITLE = 500;
const MAX_URL = 2_000;
const MAX_NAME = 200;
const TIERS = [1, 2, 3, 4];

/** A publisher: an existing slug is reused; a new one needs name and tier. */
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
  /** The slug of the publisher who first said what the document repeats; its own publisher if none is given. */
  readonly origin?: string | null | undefined;
}

/** A registered source; deduplicated if the document existed already. */
export interface RegisteredSource {
  readonly source: Source;
  readonly deduplicated: boolean;
}

/**
 * Registers a document. Publisher, title and address identify a document, which is registered once. Throws BadInput with all problems:
 * UNKNOWN_PUBLISHER for an unknown origin, and ALREADY_EXISTS if the document is registered with another one. A known document gets no origin
 * later, because what its figures amount to depends on the origin: that would be a change of the figures without an entry in the log.
 */
export async function registerSource(db: PrismaClient, input: SourceInput): Promise<RegisteredSource> {
  const problems = collectProblems('input');
  checkText(problems, 'title', input.title, MAX_TITLE);
  checkUrl(problems, input.url);
  checkPublishedOn(problems, input.publishedOn);
  return write(db, async ({ tx, append }) => {
    const known = await tx.publisher.findUnique({ where: { slug: input.publisher.slug } });
    if (known === null) checkNewPublisher(problems.at('publisher'), input.publisher);
    const originId = await findOrigin(tx, problems, input);
    problems.throwIfAny();
    const publisher = known ?? (await createPublisher(tx, input.publisher));
    const identity = identityOf(input);
    const existing = await tx.source.findUnique({ where: { identity } });
    if (existing !== null) return sameDocument(problems, input, existing, originId);
    const { count } = await tx.source.createMany({
      data: [
        {
          publisherId: publisher.id,
          title: input.title.trim(),
          url: input.url ?? null,
          publishedOn: input.publishedOn == null ? null : new Date(input.publishedOn),
          originId,
          identity,
        },
      ],
      // If two register it at once, the first one stays. An upsert would fail, because it reads first and inserts later.
      skipDuplicates: true,
    });
    const source = await tx.source.findUniqueOrThrow({ where: { identity } });
    if (count === 0) return sameDocument(problems, input, source, originId);
    await append([{ kind: 'SOURCE', aboutId: source.id }]);
    return { source, deduplicated: false };
  });
}

/** Adds publishers that are the origin of documents and may have published none of those that are registered. Known ones stay as they are. */
export async function addPublishers(db: PrismaClient, publishers: readonly PublisherInput[]): Promise<void> {
  const problems = collectProblems('publishers');
  for (const [index, publisher] of publishers.entries()) checkNewPublisher(problems.at(String(index)), publisher);
  problems.throwIfAny();
  await db.publisher.createMany({ data: publishers.map(rowOf), skipDuplicates: true });
}

/** The id of the origin; null for none and for the publisher itself, which may be a new one. */
async function findOrigin(tx: Tx, problems: Problems, { origin, publisher }: SourceInput): Promise<number | null> {
  if (origin == null || origin === publisher.slug) return null;
  const found = await tx.publisher.findUnique({ where: { slug: origin } });
  if (found !== null) return found.id;
  const message = `There is no publisher "${origin}"; a publisher is known once a document of it is registered.`;
  problems.add('UNKNOWN_PUBLISHER', 'origin', message, await suggestPublishers(tx, origin));
  return null;
}

/** A document that is registered already. An origin that is not given says nothing; another one is refused. */
function sameDocument(
  problems: Problems,
  { origin }: SourceInput,
  source: Source,
  originId: number | null,
): RegisteredSource {
  if (origin != null && originId !== source.originId) {
    problems.add('ALREADY_EXISTS', 'origin', {
      about: { type: 'Source', row: source.id },
      write: (name) => `This document is registered already, as source ${name} with another origin.`,
    });
  }
  problems.throwIfAny();
  return { source, deduplicated: true };
}

async function createPublisher(tx: Tx, publisher: PublisherInput): Promise<Publisher> {
  await tx.publisher.createMany({ data: [rowOf(publisher)], skipDuplicates: true });
  return tx.publisher.findUniqueOrThrow({ where: { slug: publisher.slug } });
}

function rowOf({ slug, name, tier }: PublisherInput) {
  return { slug, name: name?.trim() ?? slug, tier: tier ?? 4 };
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
