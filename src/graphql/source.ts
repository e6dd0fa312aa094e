import { type RegisteredSource, registerSource } from '../domain/editing/sources.ts';
import { builder } from './builder.ts';
import { FigurePages, SourcePages } from './connection.ts';
import { Figure, Publisher, Source } from './node.ts';
import { FIGURE_ORDERS, ORDERS } from './orders.ts';
import { listBelow, listOf } from './paging.ts';
import { type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

builder.prismaObjectFields(Publisher, (t) => ({
  slug: t.exposeString('slug'),
  name: t.exposeString('name'),
  tier: t.exposeInt('tier'),
}));

builder.prismaObjectFields(Source, (t) => ({
  publisher: t.relation('publisher', { description: 'The publisher of the document.' }),
  origin: t.field({
    type: Publisher,
    description:
      'The publisher who first said what the document repeats. A mirror, a digest or a repost has the origin of what it repeats, so that one statement is not counted twice. The publisher of the document if no other is known.',
    select: async (_args, _context, nested) => ({ origin: await nested(true), publisher: await nested(true) }),
    resolve: ({ origin, publisher }) => origin ?? publisher,
  }),
  title: t.exposeString('title'),
  url: t.exposeString('url', { nullable: true }),
  publishedOn: t.expose('publishedOn', { type: 'Date', nullable: true }),
  figures: t.connection(
    {
      type: Figure,
      description: 'The figures from this source, newest period first.',
      ...listBelow('Source', 'figures', { order: FIGURE_ORDERS.PERIOD_DESC }),
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
      description: 'The source. Null if the input was refused.',
      resolve: ({ written }) => written?.source,
    }),
    deduplicated: t.boolean({
      description: 'Whether the document was already registered, so that nothing was written.',
      resolve: ({ written }) => written?.deduplicated ?? false,
    }),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const PublisherInput = builder.inputType('PublisherInput', {
  description: 'A publisher: the slug of a known one, or slug, name and tier of a new one.',
  fields: (t) => ({
    slug: t.string({ required: true, description: 'The slug of the publisher.' }),
    name: t.string({ description: 'The name of a new publisher. Ignored for a known one.' }),
    tier: t.int({
      description:
        'The tier of a new publisher: 1 the maker itself, 2 an association or regulator, 3 trade press, 4 general press. Ignored for a known one.',
    }),
  }),
});

const SourceInput = builder.inputType('SourceInput', {
  description: 'A document. Two inputs with the same publisher, title and URL are the same document.',
  fields: (t) => ({
    publisher: t.field({ type: PublisherInput, required: true, description: 'The publisher of the document.' }),
    title: t.string({ required: true, description: 'The title of the document.' }),
    url: t.string({ description: 'The URL of the document, which begins with https:// or http://.' }),
    publishedOn: t.field({
      type: 'Date',
      description: 'The day of publication, in Asia/Shanghai. It must not be in the future.',
    }),
    origin: t.string({
      description:
        'The slug of the publisher who first said what the document repeats. Null: its own publisher, or not known. User error UNKNOWN_PUBLISHER for an unknown slug, ALREADY_EXISTS if the document is registered with another origin.',
    }),
  }),
});

builder.queryFields((t) => ({
  sources: t.connection(
    {
      type: Source,
      description: 'All sources, last registered first.',
      ...listOf('Source', { order: ORDERS.sources }),
    },
    ...SourcePages,
  ),
}));

builder.mutationFields((t) => ({
  registerSource: t.field({
    type: RegisterSourcePayload,
    description:
      'Registers a document as a source of claims. If it is already registered, nothing is written, and an origin that was not given then is not added.',
    authScopes: { write: true },
    args: { input: t.arg({ type: SourceInput, required: true, description: 'The document.' }) },
    resolve: (_root, { input }, { db }) => outcomeOf(registerSource(db, input)),
  }),
}));
