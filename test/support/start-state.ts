import type { Database, MigrationSession } from '../../src/database/handle.ts';

/** The rows that a database began with, kept in a schema beside its own, and the tables as they were then. */
export interface StartState {
  /** Puts every row and sequence back; false when that is impossible, because the tables changed or another session locks them. */
  restore(): Promise<boolean>;
}

const KEPT = 'start_state';
const QUOTED_COLUMNS = `
  select string_agg(quote_ident(column_name), ', ' order by ordinal_position) as columns
    from information_schema.columns c
   where c.table_schema = 'public' and c.table_name = t.tablename and c.is_generated = 'NEVER'`;
/** Everything besides rows that a test could have changed. */
const STRUCTURE = `
  select md5(string_agg(part, '|' order by part)) as structure from (
    -- The version of the row type differs for a table that was renamed and renamed back: sessions that saw it meanwhile may still use the old name.
    select concat('relation ', c.oid, relname, relhastriggers, t.xmin) as part
      from pg_class c left join pg_type t on t.oid = c.reltype where relnamespace = 'public'::regnamespace
    union all
    select concat('column ', a.attrelid, a.attname, a.atttypid, a.attnotnull, a.atthasdef)
      from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relnamespace = 'public'::regnamespace
    union all
    select concat('function ', oid, md5(prosrc)) from pg_proc where pronamespace = 'public'::regnamespace
    union all
    select concat('trigger ', oid, tgenabled) from pg_trigger
    union all
    select concat('constraint ', oid, pg_get_constraintdef(oid)) from pg_constraint where connamespace = 'public'::regnamespace
    union all
    select concat('schema ', nspname) from pg_namespace where nspname not like 'pg%'
    union all
    select concat('setting ', setconfig) from pg_db_role_setting) parts`;

/** Saves the present rows of a database, so that one test after another can begin with them: a tenth of the time of a new database. */
export async function rememberStart(database: Database): Promise<StartState> {
  const { structure, script } = await database.exclusively(async (session) => {
    const script = await keepRows(session);
    return { structure: await readStructure(session), script };
  });
  return {
    restore: async () => {
      try {
        return await database.exclusively(async (session) => {
          if ((await readStructure(session)) !== structure) return false;
          await session.script(script);
          return true;
        });
      } catch {
        return false;
      }
    },
  };
}

/** Copies the rows, and returns the script that puts them back. */
async function keepRows(session: MigrationSession): Promise<string> {
  await session.script(`create schema ${KEPT}`);
  const tables = await session.query<{ name: string; columns: string }>(
    `select quote_ident(tablename) as name, c.columns from pg_tables t, lateral (${QUOTED_COLUMNS}) c where schemaname = 'public'`,
  );
  const sequences = await session.query<{ name: string; value: string }>(
    `select quote_ident(sequencename) as name, last_value::text as value from pg_sequences
      where schemaname = 'public' and last_value is not null`,
  );
  const inserts: string[] = [];
  for (const { name, columns } of tables) {
    await session.script(`create table ${KEPT}.${name} as select ${columns} from public.${name}`);
    inserts.push(`insert into public.${name} (${columns}) select ${columns} from ${KEPT}.${name}`);
  }
  return [
    `set local lock_timeout = '5s'`,
    // Foreign keys are not checked: the saved rows met them.
    `set local session_replication_role = replica`,
    `truncate ${tables.map(({ name }) => `public.${name}`).join(', ')} restart identity`,
    ...inserts,
    ...sequences.map(({ name, value }) => `select setval('public.${name}', ${value})`),
  ].join(';\n');
}

async function readStructure(session: MigrationSession): Promise<string | undefined> {
  return (await session.query<{ structure: string }>(STRUCTURE))[0]?.structure;
}
