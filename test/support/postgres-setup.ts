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

const GUARD = fileURLToPath(new URL('postgres-guard.mjs', import.meta.url));

/** Starts one Postgres server for all test files and makes the template databases that they copy. */
export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const needed = await neededTemplates(project);
  if (needed === 'none') return undefined;
  // Its own process group, so that a Ctrl-C in the terminal does not take the server from under running tests.
  const guard = spawn(process.execPath, [GUARD], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const stop = async (): Promise<void> => {
    guard.stdin.end();
    if (guard.exitCode === null) await once(guard, 'exit');
  };
  try {
    const serverUrl = await readAddress(guard);
    await makeTemplates(serverUrl, needed === 'seeded');
    project.provide('serverUrl', serverUrl);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

async function readAddress(guard: ChildProcessByStdio<Writable, Readable, null>): Promise<string> {
  for await (const line of createInterface(guard.stdout)) return line;
  throw new Error('The Postgres server for the tests did not start.');
}

async function makeTemplates(serverUrl: string, withSeed: boolean): Promise<void> {
  const admin = new pg.Client(serverUrl);
  await admin.connect();
  const make = async (template: 'migrated' | 'seeded', origin: Template): Promise<void> => {
    const name = templateName(template);
    await admin.query(`create database ${name} template ${templateName(origin)}`);
    await fillTemplate(template, {
      databaseUrl: databaseAddress(serverUrl, name),
      dataDir: '',
      databaseConnections: 2,
    });
  };
  try {
    await make('migrated', 'empty');
    if (withSeed) await make('seeded', 'migrated');
  } finally {
    await admin.end();
  }
}
