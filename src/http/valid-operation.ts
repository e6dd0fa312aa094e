import type { ExecutionArgs } from 'graphql';
import type { Asker } from '../execution/admission.ts';
import type { Answer } from '../execution/answer.ts';
import type { Viewer } from '../graphql/context.ts';
import type { DeltaWish } from './delta-wish.ts';

/** A valid operation: no error can be found without executing it. */
export interface ValidOperation {
  /** The client's name for it. */
  readonly name: string | null;
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Whether it is a live query, which has answers instead of events. */
  readonly isLive: boolean;
  /** What an execution of it costs at most, see graphql/cost.ts. */
  readonly cost: number;
  /** What the client asked for besides the operation; not set if it wants whole answers. */
  readonly deltas?: DeltaWish;
  /** What is executed for a viewer. */
  prepare(viewer: Viewer): Promise<ExecutionArgs>;
  /** Executes a query or mutation for a viewer. The answer to a query may be one that was kept. */
  answer(viewer: Viewer, asker: Asker): Promise<Answer>;
}

/** The part of a viewer that decides what it may see. Viewers with the same access may share answers and payloads. */
export function accessOf({ scope }: Viewer): string {
  return scope.toLowerCase();
}
