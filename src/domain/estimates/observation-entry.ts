import * as z from 'zod';
import {
  Agreement,
  type Change,
  Evidence,
  type Figure,
  Method,
  type Prisma,
  Qualifier,
} from '../../database/generated/client.ts';
import { observedFrom } from './kept.ts';
import type { Estimate, Observed } from './observation.ts';

/**
 * The version of what is written. Entries of version 1, and those from before there were versions, are an observation alone. A new version
 * has to be readable one release before it is written: an entry that cannot be read ends every subscription that selects its observation.
 */
const VERSION = 2;

const ESTIMATE = z.object({
  value: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  qualifier: z.enum(Qualifier).nullable(),
  method: z.enum(Method).default('ASSERTED'),
  bestId: z.int().nullable(),
  agreement: z.enum(Agreement),
  decidedBy: z.enum(Evidence).nullable().default(null),
  origins: z.int().default(0),
  resolution: z.string(),
  revised: z.boolean(),
  missing: z.array(z.string()).default([]),
}) satisfies z.ZodType<Estimate>;

// By the version, so that a problem names its field.
const CARRIED = z.discriminatedUnion('version', [
  z.object({
    version: z.literal(VERSION),
    observation: ESTIMATE.nullable().default(null),
    affected: z.array(z.string()).default([]),
    restated: z.array(z.int()).default([]),
    resolved: z.boolean().default(false),
  }),
  z
    .object({ version: z.literal(1).optional(), ...ESTIMATE.shape })
    .transform(({ version: _version, ...observation }) => ({
      ...{ observation, affected: [] as readonly string[], restated: [] as readonly number[], resolved: false },
    })),
]);

/** The columns of a figure that identify its slot. */
export const SLOT = {
  subjectId: true,
  metric: true,
  withinId: true,
  period: true,
} as const satisfies Prisma.FigureSelect;

type Slot = Pick<Figure, keyof typeof SLOT>;
type Entry = Pick<Change, 'position' | 'kind' | 'observation'>;

/** What a log entry carries besides its columns. */
export interface Carried {
  /** Of a figure: the observation of its slot, null if nothing is known of it. */
  readonly observation?: Estimate | null;
  /** The keys of the slots whose observation changed. */
  readonly affected?: readonly string[];
  /** The subjects of contradictions that stay, while their gap or their figures change. */
  readonly restated?: readonly number[];
  /** Of a contradiction: whether it was resolved, or else it appeared. */
  readonly resolved?: boolean;
}

/** A log entry whose content has a version that is not known, or not the shape of its version. */
export class UnreadableEntry extends Error {
  override readonly name = 'UnreadableEntry';
}

/** The same as it is written. */
export function carried({ observation, ...others }: Carried): object {
  if (observation == null) return { version: VERSION, ...others };
  const {
    value,
    lower,
    upper,
    qualifier,
    method,
    bestId,
    agreement,
    decidedBy,
    origins,
    resolution,
    revised,
    missing,
  } = observation;
  const known = { value, lower, upper, qualifier, method, bestId };
  return {
    version: VERSION,
    ...others,
    observation: { ...known, agreement, decidedBy, origins, resolution, revised, missing },
  };
}

/**
 * The observation that a log entry carries, about the slot of its figure; null if it carries none. Throws if its version is not known, or
 * if its shape is not that of its version.
 */
export function observationOfEntry(entry: Entry & { readonly figure: Slot | null }): Observed | null {
  const { figure } = entry;
  if (figure === null || entry.observation === null) return null;
  const { observation } = parse(entry);
  return observation === null ? null : observedFrom({ ...figure, ...observation });
}

/** The keys of the slots whose observation changed with a log entry. Throws like `observationOfEntry`. */
export function affectedByEntry(entry: Entry): readonly string[] {
  return entry.observation === null ? [] : parse(entry).affected;
}

/** The subjects of contradictions that stay, while their gap or their figures change. Throws likewise. */
export function restatedInEntry(entry: Entry): readonly number[] {
  return entry.observation === null ? [] : parse(entry).restated;
}

/** Whether a log entry tells that a contradiction was resolved, or else that it appeared. Throws like `observationOfEntry`. */
export function resolvedInEntry(entry: Entry): boolean {
  return parse(entry).resolved;
}

function parse({ position, kind, observation }: Entry): z.output<typeof CARRIED> {
  const { success, data, error } = CARRIED.safeParse(observation);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new UnreadableEntry(
    `The observation in the ${kind} entry at ${position} of the change log cannot be read. ${problems}`,
  );
}
