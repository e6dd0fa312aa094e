import { cpSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { TestProject } from 'vitest/node';
import { fillTemplate } from './fill-template.ts';
import { neededTemplates } from './needed-templates.ts';
import type { Template } from './provided.ts';

/** Makes the embedded template databases that tests copy: a new one takes seconds, a copy a fraction of one. */
export default async function setUp(project: TestProject): Promise<void> {
  const needed = await neededTemplates(project);
  if (needed === 'none') return;
  const templates = await mkdtemp(join(tmpdir(), 'milepost-templates-'));
  // At the exit and not as a tear-down, which a Ctrl-C passes over; the copies are in there as well.
  process.once('exit', () => rmSync(templates, { recursive: true, force: true, maxRetries: 3 }));
  await makeTemplates(templates, needed === 'seeded');
  project.provide('templates', templates);
}

async function makeTemplates(templates: string, withSeed: boolean): Promise<void> {
  const folder = (template: Template): string => join(templates, template);
  const fill = (template: 'migrated' | 'seeded'): Promise<void> =>
    fillTemplate(template, { databaseUrl: undefined, dataDir: folder(template), databaseConnections: 1, sync: false });
  await mkdir(folder('empty'));
  const empty = await PGlite.create({ dataDir: join(folder('empty'), 'db') });
  await empty.close();
  cpSync(folder('empty'), folder('migrated'), { recursive: true });
  await fill('migrated');
  if (!withSeed) return;
  cpSync(folder('migrated'), folder('seeded'), { recursive: true });
  await fill('seeded');
}
