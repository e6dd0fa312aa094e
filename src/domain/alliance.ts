import type { Membership, PrismaClient, Subject, SubjectKind } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { type Day, parsePartialDate } from './calendar.ts';
import { edit, only } from './edit.ts';
import { collectProblems, type Problems } from './problems.ts';
import { findSources } from './source.ts';
import { resolveSubjects } from './subject-lookup.ts';

/** A brand that joins an alliance, with the carmaker behind it. */
export interface MembershipInput {
  readonly alliance: string;
  readonly brand: string;
  readonly company?: string | null | undefined;
  readonly joinedOn?: string | null | undefined;
  /** The source's row; undefined: none was named, null: what was sent is the id of none. */
  readonly sourceId?: number | null | undefined;
}

/** A membership that was written, and the place in the log behind it. */
export interface WrittenMembership {
  readonly membership: Membership;
  readonly cursor: string;
}

/** Notes that a brand joined an alliance; BadInput names everything wrong at once (ALREADY_EXISTS while it is a member). */
export async function joinAlliance(db: PrismaClient, input: MembershipInput): Promise<WrittenMembership> {
  const problems = collectProblems('input');
  const { alliance, brand, company } = await resolveMembers(db, problems, input);
  checkDate(problems, 'joinedOn', input.joinedOn);
  const sources = await findSources(db, input.sourceId == null ? [] : [input.sourceId]);
  if (input.sourceId !== undefined && sources.size === 0) {
    problems.add('UNKNOWN_SOURCE', 'sourceId', 'There is no source with this id; register it first.');
  }
  problems.throwIfAny();
  return edit(db, only([alliance.id, brand.id]), async ({ tx, append }) => {
    await checkNotMember(tx, problems, alliance, brand, input.joinedOn);
    problems.throwIfAny();
    const membership = await tx.membership.create({
      data: {
        allianceId: alliance.id,
        brandId: brand.id,
        companyId: company?.id ?? (await parentOf(tx, brand)),
        joinedOn: input.joinedOn ?? null,
        sourceId: input.sourceId ?? null,
      },
    });
    const cursor = await append([{ kind: 'MEMBERSHIP', subjectId: alliance.id, membershipId: membership.id }]);
    return { membership, cursor };
  });
}

/** Notes the first day on which a brand was no longer a member; BadInput names everything wrong at once. */
export async function leaveAlliance(
  db: PrismaClient,
  membershipId: number | null,
  leftOn: string,
): Promise<WrittenMembership> {
  const problems = collectProblems();
  checkDate(problems, 'leftOn', leftOn);
  const found = membershipId === null ? null : await db.membership.findUnique({ where: { id: membershipId } });
  if (found === null) problems.add('INVALID_INPUT', 'membershipId', 'There is no membership with this id.');
  problems.throwIfAny();
  const { id, allianceId, brandId } = found as Membership;
  return edit(db, only([allianceId, brandId]), async ({ tx, append }) => {
    const current = await tx.membership.findUniqueOrThrow({ where: { id } });
    if (current.leftOn !== null)
      problems.add('INVALID_INPUT', 'membershipId', `This membership ended on ${current.leftOn} already.`);
    if (current.joinedOn !== null && firstDay(leftOn) <= firstDay(current.joinedOn)) {
      problems.add('INVALID_INPUT', 'leftOn', `${leftOn} is not after the day of joining, ${current.joinedOn}.`);
    }
    problems.throwIfAny();
    const membership = await tx.membership.update({ where: { id }, data: { leftOn } });
    return { membership, cursor: await append([{ kind: 'MEMBERSHIP', subjectId: allianceId, membershipId: id }]) };
  });
}

/** Whether a membership holds on a day; a date known to the month or year counts from its first day. */
export function isMemberOn(membership: Pick<Membership, 'joinedOn' | 'leftOn'>, day: Day): boolean {
  const { joinedOn, leftOn } = membership;
  return (joinedOn === null || firstDay(joinedOn) <= day) && (leftOn === null || day < firstDay(leftOn));
}

async function resolveMembers(db: Db, problems: Problems, input: MembershipInput) {
  const kinds = { alliance: 'ALLIANCE', brand: 'BRAND', company: 'COMPANY' } as const satisfies Record<
    string,
    SubjectKind
  >;
  const paths = ['alliance', 'brand', 'company'] as const;
  const wanted = paths.flatMap((path) => {
    const slug = input[path];
    return slug == null ? [] : [{ slug, problems, path }];
  });
  const found = await resolveSubjects(db, wanted);
  for (const { slug, path } of wanted) {
    const kind = found.get(slug)?.kind;
    if (kind !== undefined && kind !== kinds[path])
      problems.add('INVALID_INPUT', path, `"${slug}" is a ${kind}, not a ${kinds[path]}.`);
  }
  return {
    alliance: found.get(input.alliance) as Subject,
    brand: found.get(input.brand) as Subject,
    company: input.company == null ? undefined : found.get(input.company),
  };
}

/** The company above a brand now: it can have moved since it was looked up. */
async function parentOf(db: Db, { id }: Subject): Promise<number | null> {
  return (await db.subject.findUniqueOrThrow({ where: { id }, select: { parentId: true } })).parentId;
}

async function checkNotMember(
  db: Db,
  problems: Problems,
  alliance: Subject,
  brand: Subject,
  joinedOn: string | null | undefined,
): Promise<void> {
  const memberships = await db.membership.findMany({ where: { allianceId: alliance.id, brandId: brand.id } });
  const overlapping = memberships.find(
    ({ leftOn }) => leftOn === null || joinedOn == null || firstDay(joinedOn) < firstDay(leftOn),
  );
  if (overlapping !== undefined) {
    const time = `from ${overlapping.joinedOn ?? 'the start'} ${overlapping.leftOn === null ? 'on' : `until ${overlapping.leftOn}`}`;
    problems.add('ALREADY_EXISTS', 'brand', `"${brand.slug}" is a member of "${alliance.slug}" ${time} already.`);
  }
}

function checkDate(problems: Problems, path: string, text: string | null | undefined): void {
  if (text != null && parsePartialDate(text) === null) {
    problems.add('INVALID_INPUT', path, `"${text}" is not a date; write 2024, 2024-10 or 2024-10-15.`);
  }
}

function firstDay(text: string): Day {
  return parsePartialDate(text)?.first ?? text;
}
