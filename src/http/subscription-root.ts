import { type DocumentNode, GraphQLError, Kind, OperationTypeNode, type SelectionNode } from 'graphql';

const CONDITIONS: ReadonlySet<string> = new Set(['skip', 'include']);

/**
 * The error if a subscription's root field has @skip or @include, which the specification forbids, else null.
 * graphql-js accepts a second root field with such a directive, so the root field is ambiguous. It throws at a variable in the directive,
 * because it does not know the value yet.
 */
export function refuseConditionalRoot({ definitions }: DocumentNode): GraphQLError | null {
  const roots = definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION && definition.operation === OperationTypeNode.SUBSCRIPTION
      ? definition.selectionSet.selections
      : [],
  );
  const fragments = new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  // The set grows while it is iterated. Each fragment is visited once, even one that contains itself, which validation reports.
  const selections = new Set<SelectionNode>(roots);
  for (const selection of selections) {
    const condition = selection.directives?.find(({ name }) => CONDITIONS.has(name.value));
    if (condition !== undefined)
      return new GraphQLError(
        `A subscription's field cannot be left out: @${condition.name.value} is not allowed here.`,
        {
          nodes: condition,
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      );
    if (selection.kind === Kind.FIELD) continue;
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    for (const each of inner?.selectionSet.selections ?? []) selections.add(each);
  }
  return null;
}
