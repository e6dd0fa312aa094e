import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** What an operation's context has to offer for it to be executed here. */
interface SnapshotContext {
  readonly changes: { head(): Promise<string> };
}

const asksForHead = new WeakMap<DocumentNode, boolean>();

/** Executes a query or mutation; where it asks for the log's head, that is read before anything else, so that what follows it in the log is missing from no answer. */
export async function executeOperation(args: ExecutionArgs): Promise<ExecutionResult> {
  const context = args.contextValue as SnapshotContext;
  if (!mentionsHead(args.document)) return execute(args);
  return execute({ ...args, contextValue: { ...context, head: await context.changes.head() } });
}

/** Whether any root selection of the document, also by way of fragments, asks for `head`; reading it once too often does no harm. */
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
