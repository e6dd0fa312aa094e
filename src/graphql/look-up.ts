import DataLoader from 'dataloader';
import type { SubjectKind } from '../database/generated/client.ts';
import type PrismaTypes from '../database/generated/pothos.ts';
import { readRows } from '../database/read-rows.ts';
import type { Context } from './context.ts';

type Subject = PrismaTypes['Subject']['Shape'];

const loaders = new WeakMap<Context, Map<string, DataLoader<string, Subject | null>>>();

/**
 * The subject with this slug, of a kind or of any, with what a query of the Prisma plugin asks of it. Null if there is none. Subjects of
 * which the same is asked at the same time are read together.
 */
export function lookUpSubject(
  context: Context,
  query: { readonly select?: object },
  slug: string,
  kind?: SubjectKind,
): Promise<Subject | null> {
  const known = loaders.get(context) ?? new Map<string, DataLoader<string, Subject | null>>();
  loaders.set(context, known);
  // Copied because the Prisma plugin reports a query that no one uses.
  const { select, ...rest } = query;
  const asked = select === undefined ? rest : { ...rest, select: { ...select, slug: true } };
  const key = JSON.stringify([kind, asked]);
  const loader = known.get(key) ?? loaderFor(context, asked, kind);
  known.set(key, loader);
  return loader.load(slug);
}

function loaderFor({ db }: Context, asked: object, kind: SubjectKind | undefined): DataLoader<string, Subject | null> {
  return new DataLoader(
    async (slugs: readonly string[]) => {
      const where = { slug: { in: [...new Set(slugs)] }, ...(kind === undefined ? {} : { kind }) };
      const found = await readRows(db, 'Subject', { ...asked, where });
      const bySlug = new Map(found.map((subject) => [subject.slug, subject]));
      return slugs.map((slug) => bySlug.get(slug) ?? null);
    },
    { cache: false },
  );
}
