import type { GraphQLError, GraphQLResolveInfo } from 'graphql';

/** The place of a value in an answer. Undefined: the whole answer. */
export type Place = GraphQLResolveInfo['path'] | undefined;

/** The errors of the fields of one answer. */
export class FieldErrors {
  readonly all: GraphQLError[] = [];
  readonly #nulled = new Set<Place>();

  /** Notes the error for which a place is null. It is left out if that is already within a place that is. */
  add(error: GraphQLError, place: Place): void {
    for (let at = place; at !== undefined; at = at.prev) if (this.#nulled.has(at)) return;
    if (this.#nulled.has(undefined)) return;
    this.#nulled.add(place);
    this.all.push(error);
  }
}
