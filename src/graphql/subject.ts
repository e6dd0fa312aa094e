import { searchSubjects } from '../domain/search.ts';
import { createSubject, updateSubject, type WrittenSubject } from '../domain/subject.ts';
import { builder } from './builder.ts';
import { Powertrain, SubjectKind } from './enums.ts';
import { Subject } from './node.ts';
import { CURSOR_FIELD, type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

builder.queryFields((t) => ({
  subject: t.prismaField({
    type: Subject,
    nullable: true,
    description: 'The subject of a slug, whatever its kind; null when there is none.',
    args: { slug: t.arg.string({ required: true, description: 'The slug, such as nio-inc.' }) },
    resolve: (query, _root, { slug }, { db }) => db.subject.findUnique({ ...query, where: { slug } }),
  }),
  search: t.field({
    type: [Subject],
    description:
      'Subjects by slug, name, alias or Chinese name, the best match first. Case, spacing and small misspellings do not matter.',
    args: {
      query: t.arg.string({ required: true, description: 'What is looked for.' }),
      kinds: t.arg({ type: [SubjectKind], description: 'Only subjects of these kinds.' }),
      first: t.arg.int({ defaultValue: 10, description: 'How many at most, 1 to 100.' }),
    },
    complexity: ({ first }) => ({ field: 10, multiplier: first ?? 10 }),
    resolve: (_root, { query, kinds, first }, { db }) => searchSubjects(db, query, kinds, first ?? 10),
  }),
}));

const SubjectPayload = builder.objectRef<Outcome<WrittenSubject>>('SubjectPayload').implement({
  description: 'The outcome of creating or changing a subject.',
  fields: (t) => ({
    subject: t.field({
      type: Subject,
      nullable: true,
      description: 'The subject as it is now; null when the input was refused.',
      resolve: ({ written }) => written?.subject,
    }),
    cursor: t.field(CURSOR_FIELD),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const SubjectInput = builder.inputType('SubjectInput', {
  description: 'A new subject.',
  fields: (t) => ({
    kind: t.field({ type: SubjectKind, required: true, description: 'What it is.' }),
    slug: t.string({
      required: true,
      description: 'Its slug: lower-case letters, digits and single hyphens, unique over all kinds.',
    }),
    name: t.string({ required: true, description: 'Its name in English, as the maker writes it.' }),
    ...changeable(t),
  }),
});

const SubjectPatch = builder.inputType('SubjectPatch', {
  description: 'What to change of a subject: what is not given stays, null takes a value away.',
  fields: (t) => ({ name: t.string({ description: 'Its name in English.' }), ...changeable(t) }),
});

type InputFields = Parameters<NonNullable<Parameters<typeof builder.inputType>[1]['fields']>>[0];

function changeable(t: InputFields) {
  return {
    nameZh: t.string({ description: 'Its name in Chinese.' }),
    aliases: t.stringList({ description: 'Other spellings it is found by.' }),
    parent: t.string({
      description:
        'The slug above it: the company of a brand or company, the brand of a model, the market of a market.',
    }),
    foundedOn: t.field({ type: 'PartialDate', description: 'When it was founded.' }),
    launchedOn: t.field({ type: 'PartialDate', description: 'When the brand or model was launched.' }),
    firstDeliveryOn: t.field({ type: 'PartialDate', description: 'When the first vehicle was handed over.' }),
    powertrains: t.field({ type: [Powertrain], description: 'The powertrains of a model.' }),
    city: t.string({ description: 'The city of a plant.' }),
    leader: t.string({ description: 'The slug of the company that leads an alliance.' }),
    operator: t.string({ description: 'The slug of the company that runs a plant.' }),
    brandsComplete: t.boolean({
      description:
        'Whether all brands of a company are here, so that their values sum up to its own; true unless said otherwise.',
    }),
  };
}

builder.mutationFields((t) => ({
  createSubject: t.field({
    type: SubjectPayload,
    description: 'Creates a brand, company, alliance, model, plant or market.',
    authScopes: { write: true },
    args: { input: t.arg({ type: SubjectInput, required: true, description: 'The new subject.' }) },
    resolve: (_root, { input }, { db }) => outcomeOf(createSubject(db, input)),
  }),
  updateSubject: t.field({
    type: SubjectPayload,
    description: 'Changes a subject.',
    authScopes: { write: true },
    args: {
      slug: t.arg.string({ required: true, description: 'The slug of the subject.' }),
      input: t.arg({ type: SubjectPatch, required: true, description: 'What to change.' }),
    },
    resolve: (_root, { slug, input }, { db }) => outcomeOf(updateSubject(db, slug, input)),
  }),
}));
