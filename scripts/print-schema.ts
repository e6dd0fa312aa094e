import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../src/graphql/schema.ts';
import { ROOT } from '../src/root.ts';
import { clientFiles } from './client-files.ts';

const HEADER = '# Printed from the code: npm run schema:print\n\n';

/** What is printed, by its path. */
const FILES: Readonly<Record<string, string>> = {
  'schema/milepost.graphql': `${HEADER}${printSchema(lexicographicSortSchema(schema))}\n`,
  ...Object.fromEntries(
    Object.entries(clientFiles(schema)).map(([name, content]) => [
      `schema/clients/${name}`,
      `${JSON.stringify(content, null, 2)}\n`,
    ]),
  ),
};

await mkdir(new URL('schema/clients/', ROOT), { recursive: true });
for (const [path, printed] of Object.entries(FILES)) {
  if (process.argv.includes('--check')) await check(path, printed);
  else await writeFile(new URL(path, ROOT), printed);
}

async function check(path: string, printed: string): Promise<void> {
  const committed = await readFile(new URL(path, ROOT), 'utf8').catch(() => '');
  if (committed.replaceAll('\r\n', '\n') === printed) return;
  console.error(`${path} differs from the code. Print it again with: npm run schema:print`);
  console.error(firstDifference(committed, printed));
  process.exitCode = 1;
}

function firstDifference(committed: string, wanted: string): string {
  const old = committed.split('\n');
  const lines = wanted.split('\n');
  const index = lines.findIndex((line, at) => line !== old[at]);
  const at = index === -1 ? lines.length : index;
  return `First difference in line ${at + 1}:\n- ${old[at] ?? '(end)'}\n+ ${lines[at] ?? '(end)'}`;
}
