import { searchSubjects } from '../domain/catalog/search.ts';
import { slugOf } from '../domain/catalog/subjects.ts';
import { createSubject, updateSubject, type WrittenSubject } from '../domain/editing/subjects.ts';
import { builder } from './builder.ts';
import { COST_OF_RANKING } from './costs.ts';
import { Powertrain, SubjectKind } from './enums.ts';
import { HINTED, hinted } from './hints.ts';
import { lookUpSubject } from './look-up.ts';
import { Subject } from './node.ts';
import { CURSOR_FIELD, type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

builder.queryFields((t) => ({
  subject: t.prismaField({
    type: Subject,
    nullable: true,
    description: `The subject with this slug, of any kind. ${HINTED}`,
    args: { slug: t.arg.string({ required: true, description: 'The slug, such as nio-inc, in any case.' }) },
    resolve: (query, _root, { slug }, context, info) =>
      hinted(lookUpSubject(context, query, slugOf(slug)), 'slug', { slug, kind: null }, context, info),
  }),
  search: t.prismaField({
    type: [Subject],
    description:
      'Subjects whose slug, name, Chinese name or alias matches, best match first. Chinese names are found by their pinyin as well, such as xiaopeng. Case, spacing and small misspellings do not matter.',
    args: {
      query: t.arg.string({ required: true, description: 'The text to search for.' }),
      kinds: t.arg({ type: [SubjectKind], description: 'Only subjects of these kinds.' }),
      first: t.arg.int({
        defaultValue: 10,
        description: 'The largest number of subjects, 1 to 100. Error BAD_USER_INPUT outside this range.',
      }),
    },
    complexity: ({ first }) => ({ field: COST_OF_RANKING, multiplier: first ?? 10 }),
    resolve: (selected, _root, { query, kinds, first }, { db }) =>
      // Copied because Pothos reports a query that no one uses, and a search can find nothing.
      searchSubjects(db, query, kinds, first ?? 10, { ...selected }),
  }),
}));

const SubjectPayload = builder.objectRef<Outcome<WrittenSubject>>('SubjectPayload').implement({
  description: 'The outcome of creating or changing a subject.',
  fields: (t) => ({
    subject: t.field({
      type: Subject,
      nullable: true,
      description: 'The subject after this write. Null if the input was refused.',
      resolve: ({ written }) => written?.subject,
    }),
    cursor: t.field(CURSOR_FIELD),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const SubjectInput = builder.inputType('SubjectInput', {
  description: 'A new subject.',
  fields: (t) => ({
    kind: t.field({
      type: SubjectKind,
      required: true,
      description: 'The kind of the subject. It cannot be changed later.',
    }),
    slug: t.string({
      required: true,
      description:
        'The slug: at most 80 lower-case letters, digits and single hyphens, unique among all kinds. It cannot be changed later.',
    }),
    name: t.string({ required: true, description: 'The name in English, as the maker writes it.' }),
    ...changeable(t),
  }),
});

const SubjectPatch = builder.inputType('SubjectPatch', {
  description: 'The changes to a subject. A field that is not given stays as it is; null removes the value.',
  fields: (t) => ({ name: t.string({ description: 'The name in English. Null is refused.' }), ...changeable(t) }),
});

type InputFields = Parameters<NonNullable<Parameters<typeof builder.inputType>[1]['fields']>>[0];

function changeable(t: InputFields) {
  return {
    nameZh: t.string({ description: 'The name in Chinese.' }),
    aliases: t.stringList({ description: 'Other names and spellings by which the search finds the subject.' }),
    parent: t.string({
      description:
        'The slug of the subject above it: the company of a brand or of a company, the brand that a brand is part of, the brand of a model, the market of a market. Other kinds have none. No subject can be above itself.',
    }),
    foundedOn: t.field({
      type: 'PartialDate',
      description: 'When it was founded, as precisely as known. For brands, companies, alliances and plants.',
    }),
    launchedOn: t.field({
      type: 'PartialDate',
      description: 'When the brand or model was launched, as precisely as known.',
    }),
    firstDeliveryOn: t.field({
      type: 'PartialDate',
      description:
        'When the first vehicle was delivered, as precisely as known. For brands, companies, alliances and models.',
    }),
    powertrains: t.field({ type: [Powertrain], description: 'The powertrains of a model.' }),
    city: t.string({ description: 'The city of a plant.' }),
    leader: t.string({ description: 'The slug of the company that leads an alliance.' }),
    operator: t.string({ description: 'The slug of the company that runs a plant.' }),
    brandsComplete: t.boolean({
      description:
        'Whether all brands of a company are recorded, so that the sum of their values is the value of the company. True by default.',
    }),
  };
}

builder.mutationFields((t) => ({
  createSubject: t.field({
    type: SubjectPayload,
    description:
      'Creates a brand, company, alliance, model, plant or market. User error ALREADY_EXISTS if the slug is taken.',
    authScopes: { write: true },
    args: { input: t.arg({ type: SubjectInput, required: true, description: 'The new subject.' }) },
    resolve: (_root, { input }, { db }) => outcomeOf(createSubject(db, input)),
  }),
  updateSubject: t.field({
    type: SubjectPayload,
    description: 'Changes a subject. User error UNKNOWN_SUBJECT for an unknown slug.',
    authScopes: { write: true },
    args: {
      slug: t.arg.string({ required: true, description: 'The slug of the subject.' }),
      input: t.arg({ type: SubjectPatch, required: true, description: 'The changes.' }),
    },
    resolve: (_root, { slug, input }, { db }) => outcomeOf(updateSubject(db, slug, input)),
  }),
}));
