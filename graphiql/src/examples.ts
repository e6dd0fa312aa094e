import { type Example, readExample } from './example.ts';

const files = import.meta.glob<string>('../../schema/operations/*.graphql', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** All examples, in the order of their files. */
export const EXAMPLES: readonly Example[] = Object.keys(files)
  .sort()
  .map((path) => readExample(files[path] ?? ''));
