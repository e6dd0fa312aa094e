/** An operation as it is sent. */
export interface Operation {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown>;
}

/** Names in lower case. */
export type Headers = Readonly<Record<string, string>>;
