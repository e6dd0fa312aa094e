import { type DocumentNode, getOperationAST, Kind, type SelectionNode } from 'graphql';

/** The names of the fields that a valid operation asks its root type for, whatever they are called in the answer. */
export function rootFieldsOf(document: DocumentNode, operationName: string | null): ReadonlySet<string> {
  const fragments = new Map(
    document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  );
  // The set grows while it is iterated, and each fragment is visited once.
  const selections = new Set<SelectionNode>(getOperationAST(document, operationName)?.selectionSet.selections);
  const fields = new Set<string>();
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      fields.add(selection.name.value);
      continue;
    }
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    for (const each of inner?.selectionSet.selections ?? []) selections.add(each);
  }
  return fields;
}
