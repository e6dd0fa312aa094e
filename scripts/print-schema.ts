import { readFile, writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../src/graphql/schema.ts';
import { ROOT } from '../src/root.ts';

const PATH = 'schema/milepost.graphql';
const HEADER = '# Printed from the code: npm run schema:print\n\n';

const file = new URL(PATH, ROOT);
const printed = `${HEADER}${printSchema(lexicographicSortSchema(schema))}\n`;
if (process.argv.includes('--check')) await check();
else await writeFile(file, printed);

async function check(): Promise<void> {
  const committed = await readFile(file, 'utf8').catch(() => '');
  if (committed.replaceAll('\r\n', '\n') === printed) return;
  console.error(`${PATH} differs from the code. Print it again with: npm run schema:print`);
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
