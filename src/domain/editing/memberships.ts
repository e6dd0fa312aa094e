import type { Membership, PrismaClient, Subject, SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present } from '../../required.ts';
import { familiesOf } from '../catalog/families.ts';
import { firstDay } from '../catalog/memberships.ts';
import { addUnknownSource, findSources } from '../catalog/sources.ts';
import { companyAbove, resolveSubjects } from '../catalog/subjects.ts';
import { checkDate } from '../values/date-input.ts';
import { collectProblems, type Problems } from '../values/problems.ts';
import { edit } from './edit.ts';
import { settleSubjects } from './effects.ts';

/** A brand that joins an alliance, and its carmaker. */
export interface MembershipInput {
  readonly alliance: string;
  readonly brand: string;
  readonly company?: string | null | undefined;
  readonly joinedOn?: string | null | undefined;
  /** The source's row; undefined if none was named, null for an unknown id. */
  readonly sourceId?: number | null | undefined;
}

/** A membership that was written, and the place in the log after it. */
export interface WrittenMembership {
  readonly membership: Membership;
  readonly cursor: string;
}

/** Records that a brand joined an alliance. Throws BadInput with all problems (ALREADY_EXISTS while it is a member). */
export async function joinAlliance(db: PrismaClient, input: MembershipInput): Promise<WrittenMembership> {
  const problems = collectProblems('input');
  const members = await resolveMembers(db, problems, input);
  checkDate(problems, 'joinedOn', input.joinedOn);
  const sources = await findSources(db, input.sourceId == null ? [] : [input.sourceId]);
  if (input.sourceId !== undefined && sources.size === 0) addUnknownSource(problems);
  problems.throwIfAny();
  const alliance = present(members.alliance);
  const brand = present(members.brand);
  const { company } = members;
  return edit(db, familiesOf([alliance.id, brand.id]), async ({ tx, append }) => {
    await checkNotMember(tx, problems, alliance, brand, input.joinedOn);
    problems.throwIfAny();
    const membership = await tx.membership.create({
      data: {
        allianceId: alliance.id,
        brandId: brand.id,
        companyId: company?.id ?? (await companyOf(tx, brand)),
        joinedOn: input.joinedOn ?? null,
        sourceId: input.sourceId ?? null,
      },
    });
    const settled = await settleSubjects(tx, [alliance.id]);
    const cursor = await append([{ kind: 'MEMBERSHIP', aboutId: membership.id, subjectId: alliance.id }, ...settled]);
    return { membership, cursor };
  });
}

/** Records the first day on which a brand was no longer a member. Throws BadInput with all problems. */
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
  const { id, allianceId, brandId } = present(found);
  return edit(db, familiesOf([allianceId, brandId]), async ({ tx, append }) => {
    const current = await tx.membership.findUniqueOrThrow({ where: { id } });
    if (current.leftOn !== null)
      problems.add('INVALID_INPUT', 'membershipId', `This membership ended on ${current.leftOn} already.`);
    if (current.joinedOn !== null && firstDay(leftOn) <= firstDay(current.joinedOn)) {
      problems.add('INVALID_INPUT', 'leftOn', `${leftOn} is not after the day of joining, ${current.joinedOn}.`);
    }
    problems.throwIfAny();
    const membership = await tx.membership.update({ where: { id }, data: { leftOn, leftRecordedAt: new Date() } });
    const settled = await settleSubjects(tx, [allianceId]);
    const change = { kind: 'MEMBERSHIP', aboutId: id, subjectId: allianceId } as const;
    return { membership, cursor: await append([change, ...settled]) };
  });
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
    alliance: found.get(input.alliance),
    brand: found.get(input.brand),
    company: input.company == null ? undefined : found.get(input.company),
  };
}

/** The brand's company, read again because the brand may have moved. */
async function companyOf(db: Db, { id }: Subject): Promise<number | null> {
  return (await companyAbove(db, await db.subject.findUniqueOrThrow({ where: { id } })))?.id ?? null;
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
