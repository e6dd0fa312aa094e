import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  buildSchema,
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  isExecutableDefinitionNode,
  Kind,
  parse,
  Source,
  validate,
  visit,
} from 'graphql';
import type { Config } from '../config.ts';
import { documentIdOf } from '../digest.ts';
import type { Logger } from '../logger.ts';
import { ROOT } from '../root.ts';
import type { Output } from './output.ts';

export const DOCUMENTS_USAGE = `milepost documents <folder or file …> [--out manifest.json]
                   write the manifest for MILEPOST_TRUSTED_DOCUMENTS: each .graphql file with an operation, together with
                   the fragments of other files that it uses, by the digest of its text. Ends with 1 when a file has a
                   mistake`;

const ENDINGS: readonly string[] = ['.graphql', '.gql'];
const SCHEMA = new URL('schema/milepost.graphql', ROOT);

/** A file that was read, with what it defines. */
interface Read {
  readonly path: string;
  readonly text: string;
  readonly definitions: readonly DefinitionNode[];
}

/** Writes a manifest of trusted documents. The exit code is 1 when a document is not valid, 2 when the command cannot be understood. */
export async function runDocuments(
  _config: Config,
  _logger: Logger,
  { print, printError }: Output,
  args: readonly string[],
): Promise<number> {
  const command = parseCommand(args);
  if (typeof command === 'string') {
    printError(command);
    return 2;
  }
  const errors: string[] = [];
  const files = await readFiles(await pathsIn(command.paths, errors), errors);
  const schema = buildSchema(await readFile(SCHEMA, 'utf8'), { assumeValidSDL: true });
  const manifest = errors.length === 0 ? manifestOf(files, schema, errors) : new Map();
  if (errors.length === 0 && manifest.size === 0) errors.push('There is no operation in these files.');
  if (errors.length > 0) {
    for (const error of new Set(errors)) printError(error);
    return 1;
  }
  const json = JSON.stringify(Object.fromEntries(manifest), null, 2);
  if (command.out === undefined) {
    print(json);
    return 0;
  }
  await writeFile(command.out, `${json}\n`);
  print(`${manifest.size} documents are in ${command.out}.`);
  return 0;
}

function parseCommand(
  args: readonly string[],
): { readonly paths: readonly string[]; readonly out: string | undefined } | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { out: { type: 'string' } },
      allowPositionals: true,
    });
    return positionals.length === 0 ? DOCUMENTS_USAGE : { paths: positionals, out: values.out };
  } catch (error) {
    return `${(error as Error).message}\n${DOCUMENTS_USAGE}`;
  }
}

/** The files that are named, and those with the endings of documents in the folders that are named. */
async function pathsIn(named: readonly string[], errors: string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    named.map(async (path) => {
      try {
        if (!(await stat(path)).isDirectory()) return [path];
        const names = await readdir(path, { recursive: true });
        return names
          .filter((name) => ENDINGS.includes(extname(name)))
          .sort()
          .map((name) => join(path, name));
      } catch (error) {
        errors.push(`${path}: ${(error as Error).message}`);
        return [];
      }
    }),
  );
  return [...new Set(found.flat())];
}

/** The files with something that can be executed. A schema in the same folder is passed over. */
async function readFiles(paths: readonly string[], errors: string[]): Promise<readonly Read[]> {
  const files: Read[] = [];
  for (const path of paths) {
    try {
      const text = await readFile(path, 'utf8');
      const { definitions } = parse(new Source(text, path));
      if (definitions.some(isExecutableDefinitionNode)) files.push({ path, text, definitions });
    } catch (error) {
      errors.push(error instanceof GraphQLError ? placed(error) : `${path}: ${(error as Error).message}`);
    }
  }
  return files;
}

/** The documents by their identifiers. Mistakes are added to the errors. */
function manifestOf(files: readonly Read[], schema: GraphQLSchema, errors: string[]): ReadonlyMap<string, string> {
  const fragments = fragmentsOf(files, errors);
  const manifest = new Map<string, string>();
  for (const { text, definitions } of files) {
    if (!definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)) continue;
    const others = fragmentsFor(definitions, fragments);
    const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [...definitions, ...others] };
    errors.push(...validate(schema, document).map(placed));
    const whole = others.length === 0 ? text : [text.trimEnd(), ...others.map(textOf)].join('\n\n');
    manifest.set(documentIdOf(whole), whole);
  }
  return manifest;
}

function fragmentsOf(files: readonly Read[], errors: string[]): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const { path, definitions } of files) {
    for (const definition of definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
      const { value: name } = definition.name;
      const other = fragments.get(name);
      if (other !== undefined && textOf(other) !== textOf(definition))
        errors.push(`${path}: The fragment "${name}" is another one in ${other.loc?.source.name}.`);
      fragments.set(name, definition);
    }
  }
  return fragments;
}

/** The fragments of other files that definitions use, also by way of each other, in the order of their use. */
function fragmentsFor(
  definitions: readonly DefinitionNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly FragmentDefinitionNode[] {
  const own = new Set(definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [one.name.value] : [])));
  const needed = new Map<string, FragmentDefinitionNode>();
  const visitSpreads = (definition: DefinitionNode): void =>
    void visit(definition, {
      FragmentSpread: ({ name: { value: name } }) => {
        const fragment = fragments.get(name);
        // One that there is not is reported by validation.
        if (fragment === undefined || own.has(name) || needed.has(name)) return;
        needed.set(name, fragment);
        visitSpreads(fragment);
      },
    });
  for (const definition of definitions) visitSpreads(definition);
  return [...needed.values()];
}

function textOf({ loc }: FragmentDefinitionNode): string {
  return loc === undefined ? '' : loc.source.body.slice(loc.start, loc.end);
}

/** An error with its place, as compilers write it. */
function placed({ message, source, locations }: GraphQLError): string {
  const [at] = locations ?? [];
  return [source?.name, at?.line, at?.column]
    .filter((part) => part !== undefined)
    .join(':')
    .concat(`: ${message}`);
}
