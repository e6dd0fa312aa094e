import { type DocumentNode, type GraphQLSchema, getNamedType, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type { ChangeEntry } from '../changes/log.ts';

/** The types whose answers a frequent kind of change can alter; an answer that touches none of them stays as it is. The other kinds are rare and concern every query. */
const TOUCHED: Readonly<Partial<Record<ChangeEntry['kind'], readonly string[]>>> = {
  FIGURE: ['Figure', 'Observation', 'Series', 'AllianceTotal', 'Leaderboard', 'TargetProgress', 'Milestone'],
  MILESTONE: ['Milestone'],
};

/** Types whose answers every change alters: places in the log itself. */
const EVERYTHING: readonly string[] = ['Cursor', 'Change', 'Node'];

/** Root fields whose answers also alter without a change in the log: sources are registered before anything is said of a subject. */
const UNLOGGED: readonly string[] = ['sources', 'node', 'nodes'];

/** What can alter the answer of a live query. */
export interface Concern {
  /** Whether a change can; in doubt it can. */
  isTouchedBy(entry: ChangeEntry): boolean;
  /** Whether something can that the log does not tell of. */
  readonly isUnlogged: boolean;
}

/** Tells by the types and fields that a live query touches. */
export function concernOf(schema: GraphQLSchema, document: DocumentNode): Concern {
  const types = new Set<string>();
  let isUnlogged = false;
  const typeInfo = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field: (field) => {
        const type = typeInfo.getType();
        if (type != null) types.add(getNamedType(type).name.replace(/(Connection|Edge)$/, ''));
        if (typeInfo.getParentType() === schema.getQueryType() && UNLOGGED.includes(field.name.value))
          isUnlogged = true;
        return undefined;
      },
    }),
  );
  const isAboutEverything = EVERYTHING.some((name) => types.has(name));
  return {
    isTouchedBy: ({ kind }) => isAboutEverything || (TOUCHED[kind]?.some((name) => types.has(name)) ?? true),
    isUnlogged,
  };
}
