import type { SubjectKind } from '../database/generated/client.ts';
import { slugOf } from '../domain/catalog/subjects.ts';
import { builder } from './builder.ts';
import type { BrandPages } from './connection.ts';
import { HINTED, hinted } from './hints.ts';
import { lookUpSubject } from './look-up.ts';
import type { Brand } from './node.ts';
import { ORDERS } from './orders.ts';
import { listOf } from './paging.ts';

/** A kind of subject, and the queries for it. In TypeScript the GraphQL types of all kinds have the same type, so the brand's is used here. */
interface KindOfSubject {
  readonly kind: SubjectKind;
  readonly type: typeof Brand;
  readonly pages: typeof BrandPages;
  /** The name of the query for all subjects of the kind, and of their order. */
  readonly all: 'brands' | 'companies' | 'alliances' | 'models' | 'plants' | 'markets';
  /** A slug that a subject of the kind has. */
  readonly example: string;
}

/** Adds the two queries of a kind of subject: one subject by its slug, under the noun of the kind, and the list of all. */
export function addSubjectQueries({ kind, type, pages, all, example }: KindOfSubject): void {
  const noun = kind.toLowerCase();
  builder.queryFields((t) => ({
    [noun]: t.prismaField({
      type,
      nullable: true,
      description: `The ${noun} with this slug. ${HINTED}`,
      args: { slug: t.arg.string({ required: true, description: `The slug, such as ${example}, in any case.` }) },
      resolve: (query, _root, { slug }, context, info) =>
        hinted(lookUpSubject(context, query, slugOf(slug), kind), 'slug', { slug, kind }, context, info),
    }),
    [all]: t.connection(
      {
        type,
        description: `All ${all}, in the order of their slugs.`,
        ...listOf('Subject', { order: ORDERS[all], where: () => ({ kind }) }),
      },
      ...pages,
    ),
  }));
}
