import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { TestProject } from 'vitest/node';

const DATABASE = new URL('database.ts', import.meta.url).href;
/** Names both databases and leaves the choice to the test file. */
const API = new URL('api.ts', import.meta.url).href;
const LOCAL_IMPORT = /from '(\.[^']+\.ts)'/g;
const USES_SEED = /\bopenSeededDatabase\b|\('seeded'\)|\bseeded: true\b/;

/** Which template databases the test files of this run need: the seed takes ten seconds, which most runs of one file can skip. */
export async function neededTemplates(project: TestProject): Promise<'none' | 'migrated' | 'seeded'> {
  const waiting = project.vitest.state.getPaths().map((path) => pathToFileURL(path).href);
  const seen = new Set(waiting);
  let usesSeed = false;
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (file === DATABASE) continue;
    const text = await readFile(new URL(file), 'utf8');
    usesSeed ||= file !== API && USES_SEED.test(text);
    for (const [, path] of text.matchAll(LOCAL_IMPORT)) {
      const imported = new URL(path as string, file).href;
      if (!imported.includes('/test/') || seen.has(imported)) continue;
      seen.add(imported);
      waiting.push(imported);
    }
  }
  if (!seen.has(DATABASE)) return 'none';
  return usesSeed ? 'seeded' : 'migrated';
}
