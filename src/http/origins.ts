import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';

/** The headers of answers that pages of other origins may read, beyond those that browsers show anyway. */
const EXPOSED = 'ETag, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id';
/** How long a browser keeps the answer to a preflight, in seconds: no browser keeps it longer than Firefox, which takes a day. */
const PREFLIGHT_SECONDS = 7_200;
/** What a browser says of a request that another page has caused. */
const OF_OTHER_PAGES: ReadonlySet<unknown> = new Set(['cross-site', 'same-site']);

const OF_PAGES = /^https?:/;

/** Whose pages may use the API: those of every origin, or of these besides our own. */
export type AllowedOrigins = '*' | readonly string[];

/** Judges requests by the page that sends them. */
export interface Origins {
  /** Whether pages of every origin may use the API. */
  readonly areOpen: boolean;
  /** Whether a request, also one for a WebSocket, may be answered. Whatever is not a browser says nothing of a page, and may ask. */
  mayAsk(request: IncomingMessage): boolean;
  /** Tells the browser whether the page may read the answer. */
  allow(request: IncomingMessage, response: ServerResponse): void;
}

/**
 * Origins are answered by name or with `*`, and credentials are never allowed: there are no cookies, and only who has a key can send it. A list
 * also keeps pages from sending what a browser sends without asking first, as an image or a form, although they could not read the answer.
 */
export function judgeOrigins(allowed: AllowedOrigins): Origins {
  if (allowed === '*')
    return {
      areOpen: true,
      mayAsk: () => true,
      // Also without an Origin: what a cache keeps is good for all pages.
      allow: (_request, response) => expose(response, '*'),
    };
  const listed = new Set(allowed);
  const isAllowed = (origin: string, host: string | undefined): boolean => listed.has(origin) || isOwn(origin, host);
  return {
    areOpen: false,
    mayAsk: ({ headers: { origin, host, ...headers } }) =>
      origin === undefined ? !OF_OTHER_PAGES.has(headers['sec-fetch-site']) : isAllowed(origin, host),
    allow: ({ headers: { origin, host } }, response) => {
      response.appendHeader('vary', 'Origin');
      if (origin !== undefined && isAllowed(origin, host)) expose(response, origin);
    },
  };
}

export const ANY_ORIGIN = judgeOrigins('*');

function expose(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', EXPOSED);
}

/** Whether a page comes from this server, under whatever name the browser reached it. */
function isOwn(origin: string, host: string | undefined): boolean {
  return (
    host !== undefined && OF_PAGES.test(origin) && URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
  );
}

/** Answers the preflight request that a browser sends before a request to another origin. */
export function answerPreflight({ headers }: IncomingMessage, response: ServerResponse): void {
  // The names that are asked for, and not `*`, which older browsers do not understand and which leaves out Authorization.
  const names = headers['access-control-request-headers'];
  if (names !== undefined) response.setHeader('access-control-allow-headers', names);
  response.setHeader('access-control-allow-methods', 'GET, POST');
  response.setHeader('access-control-max-age', String(PREFLIGHT_SECONDS));
  response.appendHeader('vary', 'Access-Control-Request-Headers');
  // Without a length Safari waits for a body.
  response.writeHead(204, { 'content-length': 0 }).end();
}

/** The error for a page that may not use the API. */
export function refuseOrigin({ headers: { origin } }: IncomingMessage): GraphQLError {
  const page = origin === undefined ? 'Pages of other sites' : `Pages of the origin "${origin.slice(0, 200)}"`;
  return new GraphQLError(`${page} may not use this server. MILEPOST_CORS_ORIGINS lists those that may.`, {
    extensions: { code: 'ORIGIN_NOT_ALLOWED' },
  });
}
