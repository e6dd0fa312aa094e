import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import type { Over } from '../domain/boards/series.ts';

const OVERS: readonly Over[] = ['PREVIOUS', 'YEAR_AGO'];

/**
 * What the changes are measured against that an operation asks for below a field. It can name one that no answer then needs, as of a field
 * that is skipped: then a little more is read.
 */
export function askedChanges(info: GraphQLResolveInfo): ReadonlySet<Over> {
  const found = new Set<Over>();
  for (const { selectionSet } of info.fieldNodes) addChanges(found, selectionSet, info, new Set());
  return found;
}

function addChanges(
  found: Set<Over>,
  selectionSet: SelectionSetNode | undefined,
  info: GraphQLResolveInfo,
  seen: Set<string>,
): void {
  for (const selection of selectionSet?.selections ?? []) {
    if (selection.kind === Kind.FIELD) {
      const over = selection.name.value === 'change' ? overOf(selection, info) : null;
      if (over !== null) found.add(over);
      addChanges(found, selection.selectionSet, info, seen);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      addChanges(found, selection.selectionSet, info, seen);
    } else if (!seen.has(selection.name.value)) {
      seen.add(selection.name.value);
      addChanges(found, info.fragments[selection.name.value]?.selectionSet, info, seen);
    }
  }
}

function overOf({ arguments: given = [] }: FieldNode, { variableValues }: GraphQLResolveInfo): Over | null {
  const over = given.find(({ name }) => name.value === 'over')?.value;
  if (over?.kind === Kind.ENUM) return OVERS.find((one) => one === over.value) ?? null;
  return over?.kind === Kind.VARIABLE ? (OVERS.find((one) => one === variableValues[over.name.value]) ?? null) : null;
}
