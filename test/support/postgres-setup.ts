import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { fillTemplate } from './fill-template.ts';
import { neededTemplates } from './needed-templates.ts';
import { databaseAddress, templateName } from './postgres-address.ts';
import type { Template } from './provided.ts';
import { keptTemplate } from './template-cache.ts';

const GUARD = fileURLToPath(new URL('postgres-guard.mjs', import.meta.url));

/** Starts one Postgres server for all test files, with the template databases that they copy. */
export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const needed = await neededTemplates(project);
  if (needed === 'none') return undefined;
  const migrated = await keptTemplate('postgres', 'migrated', (folder) =>
    makeTemplate('migrated', 'empty', [`--keep=${folder}`]),
  );
  const cluster =
    needed === 'migrated'
      ? migrated
      : await keptTemplate('postgres', 'seeded', (folder) =>
          makeTemplate('seeded', 'migrated', [`--from=${migrated}`, `--keep=${folder}`]),
        );
  project.provide('cluster', cluster);
  const { serverUrl, stop } = await startServer([`--from=${cluster}`]);
  project.provide('serverUrl', serverUrl);
  return stop;
}

interface Server {
  readonly serverUrl: string;
  stop(): Promise<void>;
}

async function startServer(args: readonly string[]): Promise<Server> {
  // Its own process group, so that a Ctrl-C in the terminal does not take the server from under running tests.
  const guard = spawn(process.execPath, [GUARD, ...args], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const exited = once(guard, 'exit');
  const stop = async (): Promise<void> => {
    guard.stdin.end();
    const [code] = await exited;
    if (code !== 0) throw new Error('The Postgres server for the tests failed; see above.');
  };
  try {
    return { serverUrl: await readAddress(guard), stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

async function readAddress(guard: ChildProcessByStdio<Writable, Readable, null>): Promise<string> {
  for await (const line of createInterface(guard.stdout)) return line;
  throw new Error('The Postgres server for the tests did not start.');
}

/** Adds a template database, made from another one, to the data of a server. */
async function makeTemplate(
  template: 'migrated' | 'seeded',
  origin: Template,
  serverArgs: readonly string[],
): Promise<void> {
  const { serverUrl, stop } = await startServer(serverArgs);
  const name = templateName(template);
  const admin = new pg.Client(serverUrl);
  try {
    await admin.connect();
    await admin.query(`create database ${name} template ${templateName(origin)}`);
    await fillTemplate(template, {
      databaseUrl: databaseAddress(serverUrl, name),
      dataDir: '',
      databaseConnections: 2,
    });
  } finally {
    await admin.end();
    await stop();
  }
}
