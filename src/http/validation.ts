import { type DocumentNode, type GraphQLSchema, specifiedRules, type ValidationRule, validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { refuseIntrospection } from './introspection.ts';

export interface ValidationOptions {
  /** Whether the schema may be asked for. */
  readonly introspection: boolean;
  /** Whether errors say what of the schema may have been meant. */
  readonly suggestions: boolean;
}

/** The rules that every document has to obey. */
export function validationRules(introspection: boolean): readonly ValidationRule[] {
  return introspection ? specifiedRules : [...specifiedRules, refuseIntrospection];
}

/** Validates by these rules, and with or without suggestions. */
export function useOurValidation({ introspection, suggestions }: ValidationOptions): Plugin {
  const rules = validationRules(introspection);
  const validateDocument = (schema: GraphQLSchema, document: DocumentNode) =>
    validate(schema, document, rules, { hideSuggestions: !suggestions });
  return { onValidate: ({ setValidationFn }) => setValidationFn(validateDocument) };
}
