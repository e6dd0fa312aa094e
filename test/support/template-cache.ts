import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CACHE = join(ROOT, 'node_modules/.cache/milepost-tests');
/** The number of versions of a template that stay. */
const KEPT = 3;
/** A version that was made within this time may be in use by another run. */
const IN_USE_MS = 1_800_000;

const OF_BOTH = [
  'package-lock.json',
  'src/database',
  'src/errors.ts',
  'src/required.ts',
  'src/root.ts',
  ...[
    'embedded-setup.ts',
    'fill-template.ts',
    'postgres-address.ts',
    'postgres-guard.mjs',
    'postgres-setup.ts',
    'template-cache.ts',
  ].map((name) => `test/support/${name}`),
];
/** What each template is made from: a change of any of these files makes it anew. */
const INPUTS = {
  migrated: [...OF_BOTH, 'prisma/migrations'],
  seeded: [...OF_BOTH, 'prisma', 'src/changes', 'src/domain'],
};

/**
 * The folder of a template database that is kept between runs. If this version is not there yet, `make` fills a folder, and that becomes the
 * version. Two runs may do so at the same time. There is a version for each day, because tests may expect that what it contains was
 * written lately.
 */
export async function keptTemplate(
  backend: 'embedded' | 'postgres',
  template: 'migrated' | 'seeded',
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const name = `${backend}-${template}`;
  const day = new Date().toISOString().slice(0, 10);
  const folder = join(CACHE, `${name}-${day}-${await hashOf(INPUTS[template])}`);
  if (!existsSync(folder)) {
    await mkdir(CACHE, { recursive: true });
    const unfinished = join(CACHE, `unfinished-${randomUUID()}`);
    try {
      await make(unfinished);
      await rename(unfinished, folder).catch((error: Error) => {
        // Another run can have been faster; then its version is as good.
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }
  for (const beginning of [name, 'unfinished']) await removeOld(beginning);
  return folder;
}

/** Removes all but the newest of the folders whose names begin so. */
async function removeOld(beginning: string): Promise<void> {
  const names = (await readdir(CACHE)).filter((name) => name.startsWith(beginning));
  const folders = await Promise.all(
    names.map(async (name) => ({
      path: join(CACHE, name),
      madeAt: (await stat(join(CACHE, name)).catch(() => null))?.mtimeMs ?? 0,
    })),
  );
  const old = folders.sort((a, b) => b.madeAt - a.madeAt).slice(KEPT);
  for (const { path, madeAt } of old) {
    if (Date.now() - madeAt > IN_USE_MS) await rm(path, { recursive: true, force: true });
  }
}

async function hashOf(inputs: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const path of await filesOf(input)) hash.update(`${path}\0`).update(await readFile(join(ROOT, path)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesOf(input: string): Promise<readonly string[]> {
  if ((await stat(join(ROOT, input))).isFile()) return [input];
  const entries = await readdir(join(ROOT, input), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(ROOT.length))
    .filter((path) => !path.includes('generated'))
    .sort();
}
