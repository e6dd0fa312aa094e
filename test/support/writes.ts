import type { Api } from './api.ts';

/** One thing wrong with an input, as a client sees it. */
export interface UserError {
  readonly code: string;
  readonly path: readonly string[];
  readonly message: string;
  readonly didYouMean: readonly string[];
}

export const USER_ERRORS = 'userErrors { code path message didYouMean }';

/** The mutations that take one input, with its type. */
const INPUTS = {
  registerSource: 'SourceInput!',
  createSubject: 'SubjectInput!',
  recordFigure: 'FigureInput!',
  announceMilestone: 'MilestoneInput!',
  setTarget: 'TargetInput!',
  joinAlliance: 'MembershipInput!',
} as const;

let count = 0;

/** A text that is unique in this process. */
export function unique(text: string): string {
  count += 1;
  return `${text}-${count}`;
}

/** Sends a mutation that takes one input, and returns what is selected of its payload, always with userErrors. */
export async function write<Payload = object>(
  api: Api,
  mutation: keyof typeof INPUTS,
  input: object,
  selection = '',
): Promise<Payload & { readonly userErrors: readonly UserError[] }> {
  const document = `mutation ($input: ${INPUTS[mutation]}) { payload: ${mutation}(input: $input) { ${selection} ${USER_ERRORS} } }`;
  const { payload } = await api.ask<{ payload: Payload & { userErrors: UserError[] } }>(document, { input });
  return payload;
}

/** The problems, short enough to compare: `UNKNOWN_SUBJECT input.subject`, sorted. */
export function problemsOf({ userErrors }: { readonly userErrors: readonly UserError[] }): readonly string[] {
  return userErrors.map(({ code, path }) => `${code} ${path.join('.')}`).sort();
}

/** Registers a source of its own, by a publisher of the tier; returns its id. */
export async function givenSource(
  api: Api,
  { tier = 3, ...input }: { tier?: number; title?: string; publishedOn?: string; origin?: string } = {},
): Promise<string> {
  const publisher = { slug: `publisher-of-tier-${tier}`, name: `Publisher of tier ${tier}`, tier };
  const payload = await write<{ source: { id: string } }>(
    api,
    'registerSource',
    { publisher, title: unique('Document'), ...input },
    'source { id }',
  );
  return payload.source.id;
}

/** Creates a subject that the test needs; returns its slug. */
export async function givenSubject(
  api: Api,
  kind: string,
  more: Readonly<Record<string, unknown>> & { slug?: string } = {},
): Promise<string> {
  const slug = more.slug ?? unique(kind.toLowerCase());
  const { userErrors } = await write(api, 'createSubject', { kind, name: `The ${slug}`, ...more, slug });
  if (userErrors.length > 0) throw new Error(`The ${kind} was refused: ${JSON.stringify(userErrors)}`);
  return slug;
}

/** How many rows each table has, and the head of the log: a refused write changes none of them. */
export async function stateOf({ db }: Api): Promise<Readonly<Record<string, number>>> {
  const [
    subjects,
    publishers,
    sources,
    figures,
    observations,
    milestones,
    claims,
    targets,
    aims,
    memberships,
    changes,
  ] = await Promise.all([
    db.subject.count(),
    db.publisher.count(),
    db.source.count(),
    db.figure.count(),
    db.observation.count(),
    db.milestone.count(),
    db.milestoneClaim.count(),
    db.target.count(),
    db.targetClaim.count(),
    db.membership.count(),
    db.change.count(),
  ]);
  return {
    subjects,
    publishers,
    sources,
    figures,
    observations,
    milestones,
    claims,
    targets,
    aims,
    memberships,
    changes,
  };
}
