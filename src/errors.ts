/** One thing wrong with an input: where, what, and what may have been meant. */
export interface Problem {
  readonly code: ProblemCode;
  readonly path: readonly string[];
  readonly message: string;
  readonly didYouMean: readonly string[];
}

export const PROBLEM_CODES = [
  'UNKNOWN_SUBJECT',
  'UNKNOWN_SOURCE',
  'UNKNOWN_FIGURE',
  'ALREADY_RECORDED',
  'ALREADY_EXISTS',
  'STALE_REVISION',
  'FUTURE_PERIOD',
  'NEGATIVE_VALUE',
  'INVALID_VALUE',
  'INVALID_PERIOD',
  'INVALID_UNIT',
  'SUSPECT_MAGNITUDE',
  'INVALID_INPUT',
  'TOO_MANY',
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** What the caller sent cannot be accepted; carries everything wrong with it at once. Nothing was written. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(({ message }) => message).join(' '));
  }
}

/** A cursor that this log never gave out: unreadable, ahead of the log, or of another log. */
export class CursorInvalid extends Error {
  override readonly name = 'CursorInvalid';
  constructor(readonly cursor: string) {
    super(`The cursor "${cursor}" is not a place in this change log. Take a new snapshot with its head.`);
  }
}

/** A cursor from before the oldest entry that the log keeps. */
export class CursorExpired extends Error {
  override readonly name = 'CursorExpired';
  constructor(readonly cursor: string) {
    super(`The change log no longer reaches back to the cursor "${cursor}". Take a new snapshot with its head.`);
  }
}

/** The database, or something else around the server, is away, full, read-only, out of connections or too slow. The same may be tried again, unchanged. */
export class TemporarilyUnavailable extends Error {
  override readonly name = 'TemporarilyUnavailable';
  constructor(options?: ErrorOptions) {
    super('The server cannot answer right now. Nothing is wrong with the request: try again soon.', options);
  }
}

/** The process cannot start as configured; the message says what to change. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}

/** What the database itself said, in one line; the client's errors around it repeat the statement. */
export function rootMessageOf(error: unknown): string {
  const { cause, meta, originalMessage, message } = error as {
    readonly cause?: unknown;
    readonly meta?: { readonly driverAdapterError?: unknown };
    readonly originalMessage?: string;
    readonly message?: string;
  };
  const inner = cause ?? meta?.driverAdapterError;
  if (originalMessage === undefined && typeof inner === 'object' && inner !== null) return rootMessageOf(inner);
  const lines = (originalMessage || message || String(error)).trim().split('\n');
  return lines.at(-1) ?? '';
}
