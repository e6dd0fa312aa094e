import { Session } from 'node:inspector/promises';
import type { SelfTime } from './settings.ts';

/** Waiting, and the profiler itself. */
const NO_WORK = ['(idle)', '(program)', 'dispatch'];

/** Begins to sample which functions of this process run. Resolves with a function that ends it and returns those that ran longest themselves. */
export async function startProfile(): Promise<() => Promise<readonly SelfTime[]>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    const functions = new Map<string, SelfTime>();
    const byId = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
    for (const [index, id] of (profile.samples ?? []).entries()) {
      const { functionName: name, url, lineNumber } = byId.get(id) as (typeof profile.nodes)[number]['callFrame'];
      if (url === '' && NO_WORK.includes(name)) continue;
      const place = url === '' ? '' : `${url.replace(/^.*?\/(?=node_modules\/|dist\/)/, '')}:${lineNumber + 1}`;
      const key = `${name} ${place}`;
      const ms = (profile.timeDeltas?.[index] ?? 0) / 1_000;
      functions.set(key, { name, place, ms: (functions.get(key)?.ms ?? 0) + ms });
    }
    return [...functions.values()].sort((a, b) => b.ms - a.ms);
  };
}
