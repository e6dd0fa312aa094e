import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  type GraphQLError,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionSetNode,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { present } from '../required.ts';

/** The part of a subscription that all its readers share, and the place where this reader begins. */
export interface SharedOperation {
  /** Equal for all readers that get the same payloads. It contains document, operation, variables and access. */
  readonly key: string;
  /** The operation alone, without the argument `after`. */
  readonly document: DocumentNode;
  readonly variableValues: Readonly<Record<string, unknown>>;
  /** The cursor that this reader begins after. */
  readonly after: string | null;
  /** Whether it is a live query, which has answers instead of events. */
  readonly isLive: boolean;
}

/** What is executed for all readers of a shared operation. */
export interface SharedArgs {
  readonly key: string;
  readonly args: ExecutionArgs;
}

const LIVE = 'live';

/** What follows from the document alone. It is cached per document, since documents are parsed once and used many times. */
interface Normalised {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly printed: string;
  readonly root: FieldNode;
}

const normalised = new WeakMap<DocumentNode, Map<string, Normalised>>();

/** Splits a validated subscription into its shared and its own part; GraphQL errors when its variables are wrong. */
export function shareOperation(
  args: ExecutionArgs,
  access: string,
): SharedOperation | { readonly errors: readonly GraphQLError[] } {
  const { schema, operationName } = args;
  const { document, operation, printed, root } = normaliseOnce(schema, args.document, operationName ?? '');
  const original = operationOf(args.document, operationName);
  const coerced = getVariableValues(schema, original.variableDefinitions ?? [], args.variableValues ?? {});
  if (coerced.coerced === undefined) return { errors: coerced.errors };
  const field = schema.getSubscriptionType()?.getFields()[root.name.value];
  const sent = field === undefined ? {} : getArgumentValues(field, root, coerced.coerced);
  const wanted = new Set((operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value));
  const variableValues = Object.fromEntries(
    Object.entries(args.variableValues ?? {}).filter(([name]) => wanted.has(name)),
  );
  const canonical = Object.fromEntries(Object.entries(coerced.coerced).filter(([name]) => wanted.has(name)));
  return {
    key: `${access}\n${printed}\n${canonicalJson(canonical)}`,
    document,
    variableValues,
    after: typeof sent.after === 'string' ? sent.after : null,
    isLive: root.name.value === LIVE,
  };
}

/** Whether a validated subscription is a live query. */
export function isLiveQuery({ schema, document, operationName }: ExecutionArgs): boolean {
  return normaliseOnce(schema, document, operationName ?? '').root.name.value === LIVE;
}

function normaliseOnce(schema: GraphQLSchema, document: DocumentNode, operationName: string): Normalised {
  const known = normalised.get(document) ?? new Map<string, Normalised>();
  normalised.set(document, known);
  const before = known.get(operationName);
  if (before !== undefined) return before;
  const fresh = normalise(schema, document, operationName);
  known.set(operationName, fresh);
  return fresh;
}

function normalise(schema: GraphQLSchema, document: DocumentNode, operationName: string): Normalised {
  const name = operationOf(document, operationName).name?.value ?? '';
  const alone = present(separateOperations(document)[name]);
  const typeInfo = new TypeInfo(schema);
  const subscriptionType = schema.getSubscriptionType();
  const withoutPlace = visit(
    alone,
    visitWithTypeInfo(typeInfo, {
      Argument: (argument) =>
        argument.name.value === 'after' && typeInfo.getParentType() === subscriptionType ? null : undefined,
    }),
  );
  const trimmed = withoutUnusedVariables(withoutPlace);
  return {
    document: trimmed,
    operation: operationOf(trimmed, name),
    printed: print(trimmed),
    root: present(rootFieldOf(alone, operationOf(alone, name).selectionSet)),
  };
}

function withoutUnusedVariables(document: DocumentNode): DocumentNode {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: (variable) => {
      used.add(variable.name.value);
    },
  });
  return visit(document, {
    VariableDefinition: (definition) => (used.has(definition.variable.name.value) ? undefined : null),
  });
}

function operationOf(document: DocumentNode, operationName: string | null | undefined): OperationDefinitionNode {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const wanted =
    operationName == null || operationName === ''
      ? operations[0]
      : operations.find(({ name }) => name?.value === operationName);
  return present(wanted);
}

/** The root field of a subscription, which may be in a fragment. */
function rootFieldOf(document: DocumentNode, selectionSet: SelectionSetNode): FieldNode | undefined {
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) return selection;
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : document.definitions.find(
            (definition) =>
              definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
          );
    const nested =
      inner === undefined
        ? undefined
        : 'selections' in inner
          ? inner
          : 'selectionSet' in inner
            ? inner.selectionSet
            : undefined;
    const field = nested === undefined ? undefined : rootFieldOf(document, nested);
    if (field !== undefined) return field;
  }
  return undefined;
}

/** The same text for the same values, whatever their order. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner) && !(inner instanceof Date)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
