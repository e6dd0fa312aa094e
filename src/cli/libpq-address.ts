import { StartupError } from '../errors.ts';

/** The parameters of an address that Postgres' programs know; those of others are an error to them. */
const OF_LIBPQ =
  /^(host|hostaddr|port|dbname|user|passfile|options|application_name|connect_timeout|client_encoding|target_session_attrs|keepalives(_(idle|interval|count))?|tcp_user_timeout|ssl(mode|negotiation|compression|cert|key|password|certmode|rootcert|crl|crldir|sni)|ssl_(min|max)_protocol_version|gss(encmode|lib|delegation)|krbsrvname|channel_binding|require_auth|load_balance_hosts)$/;
/** What the driver means by a mode that libpq does not have: encrypted, whoever answers. */
const UNVERIFIED = 'no-verify';
const ENCRYPTED = 'require';

/** An address without its password, for the programs of Postgres. */
export interface LibpqAddress {
  readonly address: string;
  readonly password: string;
}

/** Throws a StartupError if Postgres' programs cannot use the address. */
export function libpqAddress(databaseUrl: string): LibpqAddress {
  if (!URL.canParse(databaseUrl))
    throw new StartupError(
      'DATABASE_URL cannot be given to the programs of Postgres. Write it as postgres://user:password@host:port/database.',
    );
  const url = new URL(databaseUrl);
  const { searchParams } = url;
  // A pooler gives each transaction another session, and these programs set up theirs once.
  if (searchParams.get('pgbouncer') === 'true')
    throw new StartupError(
      'DATABASE_URL is the address of a pooler. Name the Postgres server itself for this command.',
    );
  const password = decoded(url.password) || (searchParams.get('password') ?? '');
  url.password = '';
  const isEncrypted = ['true', '1'].includes(searchParams.get('ssl') ?? '');
  const mode = searchParams.get('sslmode') ?? (isEncrypted ? ENCRYPTED : null);
  for (const name of [...searchParams.keys()]) if (!OF_LIBPQ.test(name)) searchParams.delete(name);
  if (mode !== null) searchParams.set('sslmode', mode === UNVERIFIED ? ENCRYPTED : mode);
  // To libpq a plus is a plus, and to the driver a space. In the name of a user it is a plus to both.
  url.search = url.search.replaceAll('+', '%20');
  return { address: url.href, password };
}

/** A password with a percent sign of its own is taken as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
