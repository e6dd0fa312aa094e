import { cpSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { TestProject } from 'vitest/node';
import { fillTemplate } from './fill-template.ts';
import { neededTemplates } from './needed-templates.ts';
import { keptTemplate } from './template-cache.ts';

/** Provides the embedded template databases that tests copy: a new one takes seconds, a copy a fraction of one. */
export default async function setUp(project: TestProject): Promise<void> {
  const needed = await neededTemplates(project);
  if (needed === 'none') return;
  const migrated = await keptTemplate('embedded', 'migrated', makeMigrated);
  const seeded =
    needed === 'seeded' ? await keptTemplate('embedded', 'seeded', (folder) => makeSeeded(migrated, folder)) : null;
  project.provide('templates', {
    empty: join(migrated, 'empty'),
    migrated: join(migrated, 'migrated'),
    seeded: seeded === null ? null : join(seeded, 'seeded'),
  });
  const copies = await mkdtemp(join(tmpdir(), 'milepost-tests-'));
  // At the exit and not as a tear-down, because a Ctrl-C skips those.
  process.once('exit', () => rmSync(copies, { recursive: true, force: true, maxRetries: 3 }));
  project.provide('copies', copies);
}

async function makeMigrated(folder: string): Promise<void> {
  const [empty, migrated] = [join(folder, 'empty'), join(folder, 'migrated')];
  await mkdir(empty, { recursive: true });
  const database = await PGlite.create({ dataDir: join(empty, 'db') });
  await database.close();
  cpSync(empty, migrated, { recursive: true });
  await fill('migrated', migrated);
}

async function makeSeeded(migrated: string, folder: string): Promise<void> {
  const seeded = join(folder, 'seeded');
  cpSync(join(migrated, 'migrated'), seeded, { recursive: true });
  await fill('seeded', seeded);
}

function fill(template: 'migrated' | 'seeded', dataDir: string): Promise<void> {
  return fillTemplate(template, { databaseUrl: undefined, dataDir, databaseConnections: 1, sync: false });
}
