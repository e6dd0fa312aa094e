import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { TemporarilyUnavailable, TimedOut } from '../errors.ts';
import type { Meters } from '../meters.ts';
import type { Admission, Asker } from './admission.ts';
import { collectHints } from './hints.ts';
import type { Reading } from './hot-answers.ts';
import type { Lifetimes } from './lifetime.ts';
import type { ReadNotes } from './read-notes.ts';
import { runOperation } from './run-operation.ts';

/** The parts of an operation's context that are used here. */
interface SnapshotContext {
  readonly changes: { head(): Promise<string> };
  readonly asker: Asker;
  /** What the operation costs at most, see graphql/cost.ts. */
  readonly cost: number;
  /** Takes what the query reads, if its answer may be kept. */
  readonly reading?: Reading;
}

/** The most that a query costs that does not wait for heavy ones: some 20 ms. */
const MOST_OF_LIGHT = 200;

/** Light queries and heavy ones wait apart. */
export interface Admissions {
  readonly light: Admission;
  readonly heavy: Admission;
}

/** Executes a query or mutation. */
export type Execute = (args: ExecutionArgs) => Promise<ExecutionResult>;

/** The database lanes of queries and mutations. */
export interface OperationLanes {
  readonly read: unknown;
  readonly write: unknown;
}

export interface ExecuteOptions {
  readonly admission: Admissions;
  readonly lifetimes: Lifetimes;
  readonly notes: ReadNotes;
  readonly meters: Meters;
}

const asksForHead = new WeakMap<DocumentNode, boolean>();

/**
 * Executes each operation on its own lane: mutations at once, queries when admitted. A query that is not admitted in time gets a
 * TemporarilyUnavailable error, and one that takes too long a TimedOut error.
 */
export function executeOn(
  { read, write }: OperationLanes,
  { admission, lifetimes, notes, meters }: ExecuteOptions,
): Execute {
  const run = async (args: ExecutionArgs, lane: unknown): Promise<ExecutionResult> => {
    const end = meters.begin('execution');
    try {
      return await executeOperation(onLane(args, lane), notes);
    } finally {
      end();
    }
  };
  return async (args) => {
    const { document, operationName } = args;
    if (getOperationAST(document, operationName)?.operation === 'mutation')
      return lifetimes.undoLate(() => run(args, write));
    try {
      const { asker, cost } = args.contextValue as SnapshotContext;
      const { admit } = cost > MOST_OF_LIGHT ? admission.heavy : admission.light;
      // The place of a query that is cut off is free when the rest of its work has ended.
      return await lifetimes.cutOff(asker, () => admit(asker, () => run(args, read)));
    } catch (error) {
      if (!(error instanceof TemporarilyUnavailable || error instanceof TimedOut)) throw error;
      return { errors: [new GraphQLError(error.message, { originalError: error })] };
    }
  };
}

function onLane(args: ExecutionArgs, db: unknown): ExecutionArgs {
  return { ...args, contextValue: { ...(args.contextValue as object), db } };
}

/** If the operation asks for the log's head, the head is read first. So everything before the head is in the answer. */
async function executeOperation(args: ExecutionArgs, notes: ReadNotes): Promise<ExecutionResult> {
  const context = args.contextValue as SnapshotContext;
  const { reading } = context;
  reading?.begin();
  const { hints, addTo } = collectHints();
  const head = mentionsHead(args.document) ? { head: await context.changes.head() } : {};
  const contextValue = { ...context, ...head, hints };
  if (reading === undefined) return addTo(await runOperation({ ...args, contextValue }));
  const noted = notes.begin(contextValue);
  const result = await runOperation({ ...args, contextValue: noted.context });
  reading.noteRead(noted.traces());
  return addTo(result);
}

/** Whether any root selection of the document, also in fragments, asks for `head`. A needless read does no harm. */
function mentionsHead(document: DocumentNode): boolean {
  const known = asksForHead.get(document);
  if (known !== undefined) return known;
  const found = document.definitions.some(
    (definition) =>
      'selectionSet' in definition && definition.selectionSet !== undefined && selectsHead(definition.selectionSet),
  );
  asksForHead.set(document, found);
  return found;
}

function selectsHead(selectionSet: SelectionSetNode): boolean {
  return selectionSet.selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value === 'head';
    return selection.kind === Kind.INLINE_FRAGMENT && selectsHead(selection.selectionSet);
  });
}
