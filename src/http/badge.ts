import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Meters } from '../meters.ts';
import { sendError, sendErrors } from './answer.ts';
import { askerOf } from './asker.ts';
import { badgeOf, type Newest, noBadge } from './badge-picture.ts';
import { sendBody } from './body.ts';
import { refuseSpent } from './charge.ts';
import type { Clients } from './clients.ts';
import type { Connections } from './connections.ts';
import { follow, noteEnd } from './followed.ts';
import { parseOperation } from './operation.ts';
import { OF_EMBEDDED } from './security-headers.ts';
import type { FindViewer } from './viewer.ts';
import { whoPays } from './who-pays.ts';
import type { GraphQLHandler } from './yoga.ts';

/** The longest slug that there is has 80 characters. */
const PATH = /^\/badge\/([a-z0-9-]{1,80})\.svg$/i;
/** A page shows a badge a few minutes late rather than ask each time. */
const CACHING = 'max-age=300';
const TYPE = 'image/svg+xml; charset=utf-8';
const NEWEST = `query Badge($slug: String!, $metric: Metric, $by: Granularity!) {
  subject(slug: $slug) {
    name
    nameZh
    latest(granularity: $by, metric: $metric) { metric period value lower upper qualifier }
  }
}`;

export interface BadgeOptions {
  readonly handler: GraphQLHandler;
  readonly findViewer: FindViewer;
  readonly connections: Connections;
  readonly clients: Clients;
  readonly meters: Meters;
}

/**
 * Serves `/badge/<slug>.svg`, a small picture of the newest number of a subject, read through the public schema. `?metric=` says what is
 * counted, `?by=` the length of the periods, `?lang=zh` asks for Chinese. A subject that there is not gets 404, with a badge that says so.
 */
export async function serveBadge(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  { handler, findViewer, connections, clients, meters }: BadgeOptions,
): Promise<void> {
  const choices = choicesOf(request);
  for (const [name, value] of Object.entries(OF_EMBEDDED)) response.setHeader(name, value);
  const [, slug] = PATH.exec(path) ?? [];
  const send = (status: number, bytes: Buffer, sharing = 'public'): Promise<void> =>
    sendBody(request, response, status, { bytes, type: TYPE, caching: `${sharing}, ${CACHING}` });
  if (slug === undefined) return send(404, noBadge(choices.isChinese));
  const meter = follow(request, response, 'badge', meters);
  const viewer = await findViewer(request.headers.authorization);
  if (viewer instanceof GraphQLError) return sendError(response, viewer);
  response.appendHeader('vary', 'Authorization');
  const { metric, by } = choices;
  const operation = parseOperation(handler, { query: NEWEST, variables: { slug: slug.toLowerCase(), metric, by } });
  if ('errors' in operation) return refuse(response, operation.errors);
  meter.understood(operation, false);
  const { client, address } = whoPays(viewer, request, { clients, connections });
  if (refuseSpent(response, client)) return;
  const asker = askerOf(response, address, client);
  const answer = await meter.run(() => operation.answer(viewer, asker));
  noteEnd(response, 'answered', answer.errors);
  if (answer.errors.length > 0) return refuse(response, answer.errors);
  const { data } = JSON.parse(answer.bytes.toString()) as { readonly data: { readonly subject: Newest | null } };
  if (data.subject === null) return send(404, noBadge(choices.isChinese));
  return send(200, badgeOf(data.subject, choices.isChinese), viewer.keyId === null ? 'public' : 'private');
}

function choicesOf({ url = '' }: IncomingMessage) {
  const choices = new URLSearchParams(url.split('?').slice(1).join('?'));
  return {
    metric: choices.get('metric')?.toUpperCase() ?? null,
    by: choices.get('by')?.toUpperCase() ?? 'MONTH',
    isChinese: choices.get('lang')?.startsWith('zh') === true,
  };
}

/** With a status that says what is wrong: a picture has no other place for it. */
function refuse(response: ServerResponse, errors: Parameters<typeof sendErrors>[1]): void {
  sendErrors(response, errors, 'application/graphql-response+json');
}
