// Writes the types of the API for the dashboard: dashboard/src/api/generated/schema-types.d.ts.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import { buildSchema, introspectionFromSchema } from 'graphql';

const ROOT = new URL('..', import.meta.url);
const FOLDER = new URL('dashboard/src/api/generated/', ROOT);

const schema = buildSchema(await readFile(new URL('schema/milepost.graphql', ROOT), 'utf8'));
const introspection = minifyIntrospection(introspectionFromSchema(schema, { descriptions: false }));
const types = await outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true });
await mkdir(FOLDER, { recursive: true });
await writeFile(new URL('schema-types.d.ts', FOLDER), types);
