import { GraphQLError, type ValidationRule } from 'graphql';

/** The fields that describe the schema. `__typename` is none of them: caches ask for it everywhere. */
const DESCRIBING: ReadonlySet<string> = new Set(['__schema', '__type']);

/** A rule of validation that refuses every field that describes the schema. */
export const refuseIntrospection: ValidationRule = (context) => ({
  Field: (node) => {
    if (!DESCRIBING.has(node.name.value)) return;
    const message = `Introspection is switched off on this server: "${node.name.value}" is not answered.`;
    context.reportError(new GraphQLError(message, { nodes: node }));
  },
});
