import { readFile } from 'node:fs/promises';
import { GraphQLError, validate } from 'graphql';
import * as z from 'zod';
import { documentIdOf, isDigest } from '../digest.ts';
import { StartupError } from '../errors.ts';
import { schema } from '../graphql/schema.ts';
import { type Documents, trustOnly } from './documents.ts';
import { parseDocument } from './parse-document.ts';
import { validationRules } from './validation.ts';

/** Where the build of the dashboard writes its documents, in its folder. */
const OF_THE_DASHBOARD = 'documents.json';
/** The identifiers of the draft on persisted documents: digests, those with a prefix of their own, and any other word. */
const IDENTIFIER = /^(?:sha256:[0-9a-f]{64}|x-[\w.~-]+:[\w.~-]+|[\w.~-]+)$/;
const MOST_ERRORS = 20;
/** Finds the names of operations in documents of our own. Parsing them would take a start a tenth of a second. */
const OPERATION = /\b(?:query|mutation|subscription)\s+([_A-Za-z]\w*)/g;
const manifestOf = z.record(z.string(), z.string());

export interface TrustOptions {
  /** The manifest's file. */
  readonly path: string;
  /** The folder in which the dashboard was built; what it asks is always trusted. */
  readonly dashboard: URL;
  readonly introspection: boolean;
}

/** Reads the documents that alone are executed. Throws a StartupError that names the file, with everything that is wrong with it. */
export async function readTrustedDocuments({ path, dashboard, introspection }: TrustOptions): Promise<Documents> {
  const manifest = await readManifest(path);
  const errors = [...manifest].flatMap(([id, text]) =>
    errorsOf(id, text, introspection).map((error) => `${id}: ${error}`),
  );
  if (errors.length > 0) throw badManifest(path, errors);
  return trustOnly(manifest, await readOwn(dashboard));
}

/** The names of what the dashboard asks. */
export async function readOwnNames(dashboard: URL): Promise<readonly string[]> {
  const texts = await readOwn(dashboard);
  return texts.flatMap((text) => [...text.matchAll(OPERATION)].map(([, name]) => name as string));
}

async function readManifest(path: string): Promise<ReadonlyMap<string, string>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw badManifest(path, [(error as Error).message]);
  }
  const manifest = manifestOf.safeParse(parseJson(text));
  if (!manifest.success)
    throw badManifest(path, [
      'It is not a JSON object from the identifier of each document to its text, as `milepost documents` writes it.',
    ]);
  return new Map(Object.entries(manifest.data));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // It is said of the whole file what it has to be.
    return undefined;
  }
}

function errorsOf(id: string, text: string, introspection: boolean): readonly string[] {
  if (!IDENTIFIER.test(id))
    return ['This is not an identifier: it has letters, digits and -._~, or begins with sha256: or x-….'];
  if (isDigest(id) && id !== documentIdOf(text)) return [`The text has the digest ${documentIdOf(text)}.`];
  try {
    return validate(schema, parseDocument(text), validationRules(introspection)).map(inOneLine);
  } catch (error) {
    if (error instanceof GraphQLError) return [inOneLine(error)];
    throw error;
  }
}

function inOneLine({ message, locations }: GraphQLError): string {
  const [at] = locations ?? [];
  return at === undefined ? message : `line ${at.line}, column ${at.column}: ${message}`;
}

async function readOwn(dashboard: URL): Promise<readonly string[]> {
  const text = await readFile(new URL(OF_THE_DASHBOARD, dashboard), 'utf8');
  return Object.values(manifestOf.parse(JSON.parse(text)));
}

function badManifest(path: string, errors: readonly string[]): StartupError {
  const more = errors.length > MOST_ERRORS ? [`… and ${errors.length - MOST_ERRORS} more`] : [];
  return new StartupError(
    `MILEPOST_TRUSTED_DOCUMENTS is "${path}", which cannot be used:\n${[...errors.slice(0, MOST_ERRORS), ...more].join('\n')}`,
  );
}
