import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { BRAND, FIGURES, LEADERBOARD, MILESTONES, TABLE } from './hand-written-statements.ts';

type Parameters = URLSearchParams;

/** A question: its statement, which returns the whole answer as one text, and the values of it. */
interface Answering {
  readonly text: string;
  values(parameters: Parameters): readonly unknown[];
}

const QUESTIONS: Readonly<Record<string, Answering & { readonly field: string }>> = {
  '/table': {
    field: 'series',
    text: TABLE,
    values: (given) => [given.get('subjects')?.split(','), given.get('from'), given.get('to')],
  },
  '/brand': {
    field: 'brand',
    text: BRAND,
    values: (given) => [given.get('slug'), given.get('from'), given.get('to')],
  },
  '/milestones': {
    field: 'milestones',
    text: MILESTONES,
    values: (given) => [
      given.get('kinds')?.split(','),
      given.get('threshold'),
      given.get('statuses')?.split(','),
      given.get('first'),
    ],
  },
  '/leaderboard': {
    field: 'leaderboard',
    text: LEADERBOARD,
    values: (given) => [given.get('period'), given.get('first')],
  },
  '/figures': { field: 'figures', text: FIGURES, values: (given) => [given.get('first')] },
};

/** Serves the questions with node:http and pg alone: one named statement each, whose text is sent as it comes. */
export async function startHandWritten(databaseUrl: string): Promise<string> {
  const pool = new pg.Pool({ connectionString: databaseUrl, options: '-c TimeZone=UTC -c jit=off' });
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const question = QUESTIONS[pathname];
    if (question === undefined) {
      response.writeHead(404).end();
      return;
    }
    pool
      .query({ name: pathname, text: question.text, values: [...question.values(searchParams)] })
      .then(({ rows }) => send(response, `{"data":{"${question.field}":${rows[0]?.answer ?? 'null'}}}`))
      .catch((error: Error) => response.writeHead(500).end(error.message));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function send(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}
