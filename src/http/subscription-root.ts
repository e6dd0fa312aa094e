import { type DocumentNode, GraphQLError, Kind, OperationTypeNode, type SelectionNode } from 'graphql';

const CONDITIONS: ReadonlySet<string> = new Set(['skip', 'include']);

/**
 * The error of a subscription whose field may be left out, which the specification does not allow; null when there is none. graphql-js lets one pass that
 * leaves out a second field, so that it is not known which of them is meant, and throws at a variable, whose value it does not know yet.
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
  // It grows by what stands in fragments; each of them comes once, also one in itself, of which validation tells.
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
