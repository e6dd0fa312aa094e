import { isMemberOn, joinAlliance, leaveAlliance, type WrittenMembership } from '../domain/alliance.ts';
import { rowIdOf } from '../domain/api-id.ts';
import { dayOf } from '../domain/calendar.ts';
import { requireDay } from '../domain/observation-query.ts';
import { builder } from './builder.ts';
import { AlliancePages } from './connection.ts';
import { Alliance, Brand, Company, Membership } from './node.ts';
import { ORDERS } from './orders.ts';
import { listOf } from './paging.ts';
import { CURSOR_FIELD, type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

builder.prismaObjectFields(Membership, (t) => ({
  alliance: t.relation('alliance', { type: Alliance, description: 'The alliance.' }),
  brand: t.relation('brand', { type: Brand, description: 'The brand.' }),
  company: t.relation('company', { type: Company, nullable: true, description: 'The carmaker behind the brand.' }),
  joinedOn: t.expose('joinedOn', { type: 'PartialDate', nullable: true }),
  leftOn: t.expose('leftOn', { type: 'PartialDate', nullable: true }),
  source: t.relation('source', { nullable: true, description: 'Who says so.' }),
}));

builder.prismaObjectFields(Alliance, (t) => ({
  leader: t.relation('leader', { type: Company, nullable: true, description: 'The company that leads it.' }),
  members: t.field({
    type: [Membership],
    description: 'Its members on a day, in the order of their joining.',
    args: { on: t.arg({ type: 'Date', description: 'The day; today in Asia/Shanghai if not given.' }) },
    select: (_args, _context, nested) => ({ members: nested({ orderBy: { id: 'asc' } }) }),
    resolve: ({ members }, { on }) =>
      members.filter((membership) => isMemberOn(membership, requireDay(on ?? dayOf(new Date()), 'on'))),
  }),
}));

const MembershipPayload = builder.objectRef<Outcome<WrittenMembership>>('MembershipPayload').implement({
  description: 'The outcome of joining or leaving an alliance.',
  fields: (t) => ({
    membership: t.field({
      type: Membership,
      nullable: true,
      description: 'The membership as it is now; null when the input was refused.',
      resolve: ({ written }) => written?.membership,
    }),
    cursor: t.field(CURSOR_FIELD),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const MembershipInput = builder.inputType('MembershipInput', {
  description: 'A brand that joins an alliance.',
  fields: (t) => ({
    alliance: t.string({ required: true, description: 'The slug of the alliance.' }),
    brand: t.string({ required: true, description: 'The slug of the brand.' }),
    company: t.string({ description: "The slug of the carmaker behind the brand; the brand's company if not given." }),
    joinedOn: t.field({ type: 'PartialDate', description: 'When it joined; from the start if not given.' }),
    sourceId: t.id({ description: 'The id of the source that says so.' }),
  }),
});

builder.queryFields((t) => ({
  alliance: t.prismaField({
    type: Alliance,
    nullable: true,
    description: 'The alliance of a slug; null when there is none.',
    args: { slug: t.arg.string({ required: true, description: 'The slug, such as hima.' }) },
    resolve: (query, _root, { slug }, { db }) => db.subject.findUnique({ ...query, where: { slug, kind: 'ALLIANCE' } }),
  }),
  alliances: t.connection(
    {
      type: Alliance,
      description: 'All alliances, by slug.',
      ...listOf('Subject', { order: ORDERS.alliances, where: () => ({ kind: 'ALLIANCE' }) }),
    },
    ...AlliancePages,
  ),
}));

builder.mutationFields((t) => ({
  joinAlliance: t.field({
    type: MembershipPayload,
    description: 'Notes that a brand joined an alliance.',
    authScopes: { write: true },
    args: { input: t.arg({ type: MembershipInput, required: true, description: 'Who joined what, and when.' }) },
    resolve: (_root, { input: { sourceId, ...input } }, { db }) =>
      outcomeOf(joinAlliance(db, { ...input, sourceId: sourceId == null ? undefined : rowIdOf('Source', sourceId) })),
  }),
  leaveAlliance: t.field({
    type: MembershipPayload,
    description: 'Notes that a brand left an alliance.',
    authScopes: { write: true },
    args: {
      membershipId: t.arg.id({ required: true, description: 'The id of the membership that ends.' }),
      leftOn: t.arg({
        type: 'PartialDate',
        required: true,
        description: 'The first day on which it was no longer a member.',
      }),
    },
    resolve: (_root, { membershipId, leftOn }, { db }) =>
      outcomeOf(leaveAlliance(db, rowIdOf('Membership', membershipId), leftOn)),
  }),
}));
