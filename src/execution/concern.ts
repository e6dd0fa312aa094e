import { type DocumentNode, type GraphQLSchema, getNamedType, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type { ChangeEntry } from '../changes/log.ts';

/** The types whose answers a kind of change can alter; an answer that touches none of them stays as it is. */
const TOUCHED: Readonly<Record<ChangeEntry['kind'], readonly string[]>> = {
  FIGURE: ['Figure', 'Observation', 'Series', 'AllianceTotal', 'Leaderboard', 'TargetProgress', 'Milestone'],
  MILESTONE: ['Milestone'],
  TARGET: ['Target'],
  MEMBERSHIP: ['Membership', 'Alliance', 'AllianceTotal', 'Leaderboard', 'Figure'],
  SUBJECT: [
    'Subject',
    'Brand',
    'Company',
    'Alliance',
    'Model',
    'Plant',
    'Market',
    'Observation',
    'Series',
    'Leaderboard',
    'Milestone',
  ],
};

/** Types whose answers every change alters: places in the log itself. */
const EVERYTHING: readonly string[] = ['Cursor', 'Change', 'ChangeConnection', 'Node'];

/** Tells by the types that a live query touches whether a change can concern it; in doubt it does. */
export function concernOf(schema: GraphQLSchema, document: DocumentNode): (entry: ChangeEntry) => boolean {
  const touched = new Set<string>();
  const typeInfo = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field: () => {
        const type = typeInfo.getType();
        if (type != null) touched.add(getNamedType(type).name.replace(/(Connection|Edge)$/, ''));
        return undefined;
      },
    }),
  );
  if (EVERYTHING.some((name) => touched.has(name))) return () => true;
  return ({ kind }) => TOUCHED[kind].some((name) => touched.has(name));
}
