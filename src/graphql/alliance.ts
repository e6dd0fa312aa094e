import { joinAlliance, leaveAlliance, type WrittenMembership } from '../domain/editing/memberships.ts';
import { MEMBERSHIP_DAY, MEMBERSHIPS_AS_OF } from './arguments.ts';
import { builder } from './builder.ts';
import { AlliancePages } from './connection.ts';
import { memberOn, membershipQuery, shownMemberships } from './member-on.ts';
import { Alliance, Brand, Company, Membership } from './node.ts';
import { rowIdOf } from './node-id.ts';
import { addSubjectQueries } from './subject-queries.ts';
import { CURSOR_FIELD, type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

builder.prismaObjectFields(Membership, (t) => ({
  alliance: t.relation('alliance', { type: Alliance, description: 'The alliance.' }),
  brand: t.relation('brand', { type: Brand, description: 'The brand.' }),
  company: t.relation('company', {
    type: Company,
    nullable: true,
    description: 'The carmaker that makes the vehicles of the brand. Null if not known.',
  }),
  joinedOn: t.expose('joinedOn', { type: 'PartialDate', nullable: true }),
  leftOn: t.expose('leftOn', { type: 'PartialDate', nullable: true }),
  source: t.relation('source', {
    nullable: true,
    description: 'The document that reports the membership. Null if none was given.',
  }),
}));

builder.prismaObjectFields(Alliance, (t) => ({
  leader: t.relation('leader', {
    type: Company,
    nullable: true,
    description: 'The company that leads the alliance. Null if not known.',
  }),
  members: t.field({
    type: [Membership],
    description: 'The memberships that hold on a day, in the order in which they were recorded.',
    args: { on: t.arg(MEMBERSHIP_DAY), asOf: t.arg(MEMBERSHIPS_AS_OF) },
    select: async (args, _context, nested) => ({ members: await nested(membershipQuery(args)) }),
    resolve: ({ members }, { on, asOf }) => shownMemberships(members, { asOf, holds: memberOn(on) }),
  }),
}));

const MembershipPayload = builder.objectRef<Outcome<WrittenMembership>>('MembershipPayload').implement({
  description: 'The outcome of joining or leaving an alliance.',
  fields: (t) => ({
    membership: t.field({
      type: Membership,
      nullable: true,
      description: 'The membership after this write. Null if the input was refused.',
      resolve: ({ written }) => written?.membership,
    }),
    cursor: t.field(CURSOR_FIELD),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const MembershipInput = builder.inputType('MembershipInput', {
  description: 'A brand joins an alliance.',
  fields: (t) => ({
    alliance: t.string({ required: true, description: 'The slug of the alliance.' }),
    brand: t.string({ required: true, description: 'The slug of the brand.' }),
    company: t.string({
      description:
        'The slug of the carmaker that makes the vehicles of the brand. Null: the company of the brand, or of the brand that it is part of.',
    }),
    joinedOn: t.field({
      type: 'PartialDate',
      description: 'When the brand joined, as precisely as known. Null: it has been a member from the start.',
    }),
    sourceId: t.id({ description: 'The id of the document that reports the membership.' }),
  }),
});

addSubjectQueries({
  kind: 'ALLIANCE',
  type: Alliance,
  pages: AlliancePages,
  all: 'alliances',
  example: 'hima',
});

builder.mutationFields((t) => ({
  joinAlliance: t.field({
    type: MembershipPayload,
    description: 'Records that a brand joined an alliance. User error ALREADY_EXISTS if it is a member already.',
    authScopes: { write: true },
    args: {
      input: t.arg({ type: MembershipInput, required: true, description: 'The brand, the alliance and the day.' }),
    },
    resolve: (_root, { input: { sourceId, ...input } }, { db }) =>
      outcomeOf(joinAlliance(db, { ...input, sourceId: sourceId == null ? undefined : rowIdOf('Source', sourceId) })),
  }),
  leaveAlliance: t.field({
    type: MembershipPayload,
    description:
      'Records that a brand left an alliance. User error INVALID_INPUT if there is no such membership or it has already ended.',
    authScopes: { write: true },
    args: {
      membershipId: t.arg.id({ required: true, description: 'The id of the membership that ends.' }),
      leftOn: t.arg({
        type: 'PartialDate',
        required: true,
        description: 'The first day on which the brand was no longer a member, as precisely as known.',
      }),
    },
    resolve: (_root, { membershipId, leftOn }, { db }) =>
      outcomeOf(leaveAlliance(db, rowIdOf('Membership', membershipId), leftOn)),
  }),
}));
