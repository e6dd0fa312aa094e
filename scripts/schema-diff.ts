import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { PGlite } from '@electric-sql/pglite';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { ROOT } from '../src/root.ts';

/** The table that migrations are recorded in is not part of the schema. */
const FILTERS = { externalTables: ['public._prisma_migrations'], externalEnums: [] };

/**
 * The step for a foreign key that no database has: `Change.aboutId` can be an id of any of several tables. It is in prisma/schema.prisma
 * because Prisma needs a relation to read two tables in one statement, and `map` there gives it a name that ends so.
 */
const UNCONSTRAINED =
  /^-- AddForeignKey\nALTER TABLE "Change" ADD CONSTRAINT "Change_\w+_unconstrained" FOREIGN KEY \([^;\n]*;\n*/gm;

/** The SQL that leads from a database, as it is now, to prisma/schema.prisma; null when they agree. */
export async function diffFromDatabase(factory: SqlMigrationAwareDriverAdapterFactory): Promise<string | null> {
  const schema = await readFile(new URL('prisma/schema.prisma', ROOT), 'utf8');
  const files = [{ path: 'schema.prisma', content: schema }];
  await loadEngine();
  using session = await engine.SchemaEngine.new(
    { datamodels: [['schema.prisma', schema]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(factory),
  );
  const { exitCode, stdout } = await session.diff({
    from: { tag: 'schemaDatasource', files, configDir: '.' },
    to: { tag: 'schemaDatamodel', files },
    script: true,
    exitCode: true,
    filters: FILTERS,
  });
  const sql = (exitCode === 0 ? '' : (stdout ?? '')).replace(UNCONSTRAINED, '').trimEnd();
  return sql === '' ? null : `${sql}\n`;
}

/** Prisma's adapter for PGlite, which here resolves after a script has ended; the original does not wait for it. */
export function pgliteFactory(pglite: PGlite): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPGlite(pglite);
  const connect = async (): Promise<SqlDriverAdapter> => {
    const adapter = await factory.connect();
    adapter.executeScript = async (script) => {
      await pglite.exec(script);
    };
    return adapter;
  };
  return { provider: 'postgres', adapterName: factory.adapterName, connect, connectToShadowDb: connect };
}

let loaded = false;

/** The JavaScript half of the engine; the types of Node describe WebAssembly only in part. */
interface Glue {
  __wbg_set_wasm(exports: unknown): void;
}

interface Compiled {
  readonly instance: { readonly exports: { __wbindgen_start(): void } };
}

interface Instantiator {
  instantiate(bytes: Uint8Array, imports: Record<string, unknown>): Promise<Compiled>;
}

/** Node 20 cannot import WebAssembly as a module, as the package's own entry does; this does what the entry would do. */
async function loadEngine(): Promise<void> {
  if (loaded) return;
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = await readFile(glue.replace(/\.js$/, '.wasm'));
  const { WebAssembly } = globalThis as unknown as { WebAssembly: Instantiator };
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engine });
  (engine as unknown as Glue).__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  loaded = true;
}
