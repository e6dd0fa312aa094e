/** A row that a message names. Each interface has its own name for it: the API an id, the others its number. */
export interface RowReference {
  readonly type: 'Figure' | 'Source' | 'Target';
  readonly row: number;
}

/** A message that names a row, written with the caller's name for it. */
export interface NamingMessage {
  readonly about: RowReference;
  write(name: string): string;
}

/** One error in an input: its path, its message, and suggestions. For a message that names a row, the suggestion is that row. */
export interface Problem {
  readonly code: ProblemCode;
  readonly path: readonly string[];
  readonly message: string | NamingMessage;
  readonly didYouMean: readonly string[];
}

export const PROBLEM_CODES = [
  'UNKNOWN_SUBJECT',
  'UNKNOWN_SOURCE',
  'UNKNOWN_FIGURE',
  'UNKNOWN_PUBLISHER',
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

/** The problem as plain text, with the caller's name for the row. */
export function nameRows(problem: Problem, nameOf: (row: RowReference) => string): NamedProblem {
  const { message, ...rest } = problem;
  if (typeof message === 'string') return { ...rest, message };
  const name = nameOf(message.about);
  return { ...rest, message: message.write(name), didYouMean: [name] };
}

/** A problem as plain text. */
export type NamedProblem = Problem & { readonly message: string };

/** The input is not valid. It carries all problems at once, and nothing was written. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map((problem) => nameRows(problem, ({ row }) => `number ${row}`).message).join(' '));
  }
}

/** A cursor that this log never issued: malformed, ahead of the log, or of another log. */
export class CursorInvalid extends Error {
  override readonly name = 'CursorInvalid';
  constructor(readonly cursor: string) {
    super(`The cursor "${cursor}" is not a place in this change log. Take a new snapshot with its head.`);
  }
}

/** A cursor from before the oldest entry that the log still has. */
export class CursorExpired extends Error {
  override readonly name = 'CursorExpired';
  constructor(readonly cursor: string) {
    super(`The change log no longer reaches back to the cursor "${cursor}". Take a new snapshot with its head.`);
  }
}

/**
 * The database, or something else that the server needs, is away, full, read-only, out of connections or too slow. The same request may
 * be repeated unchanged.
 */
export class TemporarilyUnavailable extends Error {
  override readonly name = 'TemporarilyUnavailable';
  constructor(options?: ErrorOptions) {
    super('The server cannot answer right now. Nothing is wrong with the request: try again soon.', options);
  }
}

/** An operation took longer than it may. Repeated unchanged, it would again. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
  constructor(readonly seconds: number) {
    super(`The operation took longer than ${seconds} s and was ended. Ask for less at once.`);
  }
}

/** The process cannot start with this configuration; the message says what to change. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}

/** What is known of an error that may be wrapped in others. The database's client keeps parts of it in objects that are no errors. */
interface Wrapped {
  readonly cause?: unknown;
  readonly meta?: { readonly driverAdapterError?: unknown };
  readonly errors?: readonly unknown[];
  readonly originalMessage?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly kind?: string;
  readonly host?: string;
  readonly port?: number;
}

/** The database's own message, in one line; the client's errors around it repeat the statement. */
export function rootMessageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return lastLineOf(String(error));
  const wrapped = error as Wrapped;
  const { cause, meta, errors, originalMessage, message, reason } = wrapped;
  if (originalMessage) return lastLineOf(originalMessage);
  const inner = cause ?? meta?.driverAdapterError;
  if (typeof inner === 'object' && inner !== null) return rootMessageOf(inner);
  if (message || reason) return lastLineOf(message || reason || '');
  // The attempts at each address of a host.
  if (errors !== undefined && errors.length > 0) return errors.map(rootMessageOf).join('; ');
  return messageOfKind(wrapped) ?? (error instanceof Error ? error.name : 'an error without a message');
}

/** The adapter drops the system's message of a failed connection; this is what it was. */
function messageOfKind({ kind, host, port }: Wrapped): string | undefined {
  if (kind === 'DatabaseNotReachable')
    return port === undefined ? `getaddrinfo ENOTFOUND ${host}` : `connect ECONNREFUSED ${host}:${port}`;
  if (kind === 'ConnectionClosed') return 'read ECONNRESET: the connection was closed';
  if (kind === 'SocketTimeout') return 'ETIMEDOUT: the connection is silent';
  return kind;
}

function lastLineOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
