import { type RegisteredSource, registerSource } from '../domain/source.ts';
import { builder } from './builder.ts';
import { FigurePages, SourcePages } from './connection.ts';
import { Figure, Publisher, Source } from './node.ts';
import { ORDERS } from './orders.ts';
import { listBelow, listOf } from './paging.ts';
import { type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

builder.prismaObjectFields(Publisher, (t) => ({
  slug: t.exposeString('slug'),
  name: t.exposeString('name'),
  tier: t.exposeInt('tier'),
}));

builder.prismaObjectFields(Source, (t) => ({
  publisher: t.relation('publisher', { description: 'Who published it.' }),
  title: t.exposeString('title'),
  url: t.exposeString('url', { nullable: true }),
  publishedOn: t.expose('publishedOn', { type: 'Date', nullable: true }),
  figures: t.connection(
    {
      type: Figure,
      description: 'The figures it is the source of, the newest period first.',
      ...listBelow('Source', 'figures', { order: ORDERS.figures }),
    },
    ...FigurePages,
  ),
}));

const RegisterSourcePayload = builder.objectRef<Outcome<RegisteredSource>>('RegisterSourcePayload').implement({
  description: 'The outcome of registering a source.',
  fields: (t) => ({
    source: t.field({
      type: Source,
      nullable: true,
      description: 'The source; null when the input was refused.',
      resolve: ({ written }) => written?.source,
    }),
    deduplicated: t.boolean({
      description: 'Whether the same document was there already.',
      resolve: ({ written }) => written?.deduplicated ?? false,
    }),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const PublisherInput = builder.inputType('PublisherInput', {
  description: 'Who published it: the slug of a known publisher, or slug, name and tier of a new one.',
  fields: (t) => ({
    slug: t.string({ required: true, description: 'The slug of the publisher.' }),
    name: t.string({ description: 'The name of a new publisher.' }),
    tier: t.int({
      description:
        'The tier of a new publisher: 1 the maker itself, 2 an association or regulator, 3 trade press, 4 general press.',
    }),
  }),
});

const SourceInput = builder.inputType('SourceInput', {
  description: 'A document: the same publisher, title and address are the same document.',
  fields: (t) => ({
    publisher: t.field({ type: PublisherInput, required: true, description: 'Who published it.' }),
    title: t.string({ required: true, description: 'Its title.' }),
    url: t.string({ description: 'Where it can be read, beginning with https:// or http://.' }),
    publishedOn: t.field({ type: 'Date', description: 'The day it was published, in Asia/Shanghai.' }),
  }),
});

builder.queryFields((t) => ({
  sources: t.connection(
    {
      type: Source,
      description: 'All sources, the last registered first.',
      ...listOf('Source', { order: ORDERS.sources }),
    },
    ...SourcePages,
  ),
}));

builder.mutationFields((t) => ({
  registerSource: t.field({
    type: RegisterSourcePayload,
    description: 'Registers a document that figures are taken from.',
    authScopes: { write: true },
    args: { input: t.arg({ type: SourceInput, required: true, description: 'The document.' }) },
    resolve: (_root, { input }, { db }) => outcomeOf(registerSource(db, input)),
  }),
}));
