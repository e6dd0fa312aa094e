import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import type { Arrival, Ending, Meters, OperationMeter } from '../meters.ts';

/** What a proxy may have called a request. It goes into the log and into answers as it is. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;
const HEADER = 'x-request-id';

/** A property of the response: a weak map takes a microsecond of each request. */
const METER = Symbol('meter');

/** A response that may answer an operation. */
type Followed = ServerResponse & { [METER]?: OperationMeter };

/** The id of a request: that of a proxy in front if it is trusted, else a new one. */
export function chooseRequestId({ headers }: IncomingMessage, trustProxy: boolean): string {
  const given = headers[HEADER];
  return trustProxy && typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Tells the client the id of its request, under which the log has it. */
export function tellRequestId(response: ServerResponse, requestId: string): void {
  response.setHeader(HEADER, requestId);
}

export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader(HEADER) ?? randomUUID());
}

/** Begins to measure the operation that a response answers. */
export function follow(
  { headers }: IncomingMessage,
  response: ServerResponse,
  transport: Arrival['transport'],
  meters: Meters,
): OperationMeter {
  const { traceparent } = headers;
  const meter = meters.operation({
    transport,
    requestId: requestIdOf(response),
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
  });
  (response as Followed)[METER] = meter;
  return meter;
}

/** Whether a response answers an operation. */
export function isFollowed(response: ServerResponse): boolean {
  return (response as Followed)[METER] !== undefined;
}

/** Notes how the operation of a response ended; does nothing if it answers none. */
export function noteEnd(response: ServerResponse, ending: Ending, errors: readonly GraphQLError[] = []): void {
  (response as Followed)[METER]?.ended(response.destroyed ? 'gone' : ending, errors);
}
