import type { IncomingMessage } from 'node:http';
import type { OperationParams } from './operation.ts';

/** Reads an operation that is to be answered with events: from the query of a GET, as EventSource sends it, or the JSON of a POST. Null when there is none. */
export async function readOperation(request: IncomingMessage): Promise<OperationParams | null> {
  if (request.method === 'GET') {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const variables = parseObject(searchParams.get('variables') ?? '{}');
    return variables === null
      ? null
      : { query: searchParams.get('query'), operationName: searchParams.get('operationName'), variables };
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return parseObject(Buffer.concat(chunks).toString('utf8'));
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    // What is not JSON is no operation.
    return null;
  }
}
