// Writes dist/dashboard/documents.json: what the dashboard asks the API, as it is sent, by the digest of its text. A server that executes only
// trusted documents trusts these. It evaluates the dashboard's own modules: only they know how their fragments are put together.
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { formatDocument, stringifyDocument } from '@urql/core';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = join(ROOT, 'dashboard/src');
const FOLDER = join(ROOT, 'dist/dashboard');
const READS = join(SOURCES, 'api/graphql.ts');
const BUNDLE = join(FOLDER, 'documents.mjs');
/** What every module of documents calls, here with a list of all documents. */
const RECORDING = `
  import { initGraphQLTada } from 'gql.tada';
  const read = initGraphQLTada();
  export const documents = [];
  export const graphql = (text, fragments) => {
    const document = read(text, fragments);
    documents.push(document);
    return document;
  };`;

/** Stands for the modules without documents, which need a browser: it can be called and read in any way. */
const ANYTHING = 'module.exports = new Proxy(() => module.exports, { get: () => module.exports });';

const names = (await readdir(SOURCES, { recursive: true })).filter((name) => /\.tsx?$/.test(name)).sort();
const texts = await Promise.all(names.map((name) => readFile(join(SOURCES, name), 'utf8')));
const asking = names
  .filter((_name, index) => /\bgraphql\(/.test(texts[index] ?? ''))
  .map((name) => join(SOURCES, name));
const lines = asking.map((path) => `import ${JSON.stringify(path)};`);

try {
  await build({
    stdin: { contents: `${lines.join('\n')}\nexport { documents } from ${JSON.stringify(READS)};`, resolveDir: ROOT },
    outfile: BUNDLE,
    bundle: true,
    format: 'esm',
    platform: 'node',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'error',
    plugins: [
      {
        name: 'record documents',
        setup: ({ onResolve, onLoad }) => {
          onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
            const whole = join(resolveDir, path);
            return asking.includes(whole) || whole === READS
              ? { path: whole }
              : { path: `${whole}.cjs`, namespace: 'other' };
          });
          onLoad({ filter: /./, namespace: 'other' }, () => ({ contents: ANYTHING, loader: 'js' }));
          onLoad({ filter: /\/api\/graphql\.ts$/ }, () => ({ contents: RECORDING, resolveDir: SOURCES }));
        },
      },
    ],
  });
  const { documents } = await import(pathToFileURL(BUNDLE).href);
  const operations = documents.filter(({ definitions }) =>
    definitions.some(({ kind }) => kind === 'OperationDefinition'),
  );
  // As they are, as links open them in GraphiQL, and as the page sends them: its cache asks for the type of every object.
  const sent = operations.flatMap((document) => [document, formatDocument(document)]).map(stringifyDocument);
  const entries = sent.map((text) => [`sha256:${createHash('sha256').update(text).digest('hex')}`, text]);
  await writeFile(join(FOLDER, 'documents.json'), `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
} finally {
  await rm(BUNDLE, { force: true });
}
