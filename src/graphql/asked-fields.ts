import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import type { Over } from '../domain/boards/series.ts';

const OVERS: readonly Over[] = ['PREVIOUS', 'YEAR_AGO'];

/**
 * What the changes are measured against that an operation asks for below a field. It can name one that no answer then needs, as of a field
 * that is skipped: then a little more is read.
 */
export function askedChanges(info: GraphQLResolveInfo): ReadonlySet<Over> {
  const found = new Set<Over>();
  eachField(info, (field) => {
    const over = field.name.value === 'change' ? overOf(field, info) : null;
    if (over !== null) found.add(over);
  });
  return found;
}

/** The names of all fields that an operation asks for below a field, at any depth, also of those that are skipped. */
export function askedFields(info: GraphQLResolveInfo): ReadonlySet<string> {
  const found = new Set<string>();
  eachField(info, ({ name }) => found.add(name.value));
  return found;
}

function eachField({ fieldNodes, fragments }: GraphQLResolveInfo, visit: (field: FieldNode) => void): void {
  for (const { selectionSet } of fieldNodes) eachFieldIn(selectionSet, fragments, visit);
}

/** Visits every field in a selection, at any depth; those of a fragment once. */
export function eachFieldIn(
  selectionSet: SelectionSetNode | undefined,
  fragments: GraphQLResolveInfo['fragments'],
  visit: (field: FieldNode) => void,
): void {
  const seen = new Set<string>();
  const visitAll = (some: SelectionSetNode | undefined): void => {
    for (const selection of some?.selections ?? []) {
      if (selection.kind === Kind.FIELD) visit(selection);
      if (selection.kind !== Kind.FRAGMENT_SPREAD) visitAll(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        visitAll(fragments[selection.name.value]?.selectionSet);
      }
    }
  };
  visitAll(selectionSet);
}

function overOf({ arguments: given = [] }: FieldNode, { variableValues }: GraphQLResolveInfo): Over | null {
  const over = given.find(({ name }) => name.value === 'over')?.value;
  if (over?.kind === Kind.ENUM) return OVERS.find((one) => one === over.value) ?? null;
  return over?.kind === Kind.VARIABLE ? (OVERS.find((one) => one === variableValues[over.name.value]) ?? null) : null;
}
