import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../src/root.ts';
import { heard } from '../fanout/processes.ts';
import { NODE_FLAGS } from '../node-flags.ts';
import type { Question } from './questions.ts';
import type { FromServer, Kind, SelfTime, Sent, ToServer } from './settings.ts';

/** A server in a process of its own. */
export interface Contestant extends Disposable {
  readonly kind: Kind;
  /** What it used so far: user and system time of all its threads, in microseconds. */
  cpuMicros(): Promise<number>;
  /** The largest resident memory so far, in MB. */
  peakMb(): Promise<number>;
  /** The statements that it sends while the work runs. */
  statementsOf(work: () => Promise<unknown>): Promise<readonly Sent[]>;
  /** The functions that run longest in it while the work runs. */
  profileOf(work: () => Promise<unknown>): Promise<readonly SelfTime[]>;
  /** How it is asked a question. */
  requestOf(question: Question): AskedRequest;
}

export interface AskedRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Starts a contestant over a database that is filled. */
export async function startContestant(kind: Kind, databaseUrl: string): Promise<Contestant> {
  const execArgv = kind.startsWith('milepost') ? [...NODE_FLAGS] : [];
  const server = fork(fileURLToPath(new URL('dist/bench-server.js', ROOT)), [kind, databaseUrl], { execArgv });
  const { url } = await heard<FromServer, 'ready'>(server, 'ready');
  return {
    kind,
    cpuMicros: async () => (await ask(server, 'usage', 'usage')).cpuMicros,
    peakMb: async () => (await ask(server, 'usage', 'usage')).peakMb,
    statementsOf: async (work) => {
      await ask(server, 'note', 'noting');
      await work();
      return (await ask(server, 'noted', 'noted')).statements;
    },
    profileOf: async (work) => {
      await ask(server, 'profile', 'profiling');
      await work();
      return (await ask(server, 'profiled', 'profiled')).functions;
    },
    requestOf: (question) => (kind === 'hand-written' ? plain(url, question) : graphql(url, question)),
    [Symbol.dispose]: () => server.kill('SIGKILL'),
  };
}

function ask<Type extends FromServer['type']>(
  server: ChildProcess,
  type: ToServer['type'],
  answer: Type,
): Promise<Extract<FromServer, { readonly type: Type }>> {
  const answered = heard<FromServer, Type>(server, answer);
  server.send({ type } satisfies ToServer);
  return answered;
}

function plain(url: string, { path }: Question): AskedRequest {
  return { url: `${url}${path}`, method: 'GET', headers: {} };
}

function graphql(url: string, { query, variables }: Question): AskedRequest {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  return { url, method: 'POST', headers, body: JSON.stringify({ query, variables }) };
}
