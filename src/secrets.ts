import { readFileSync } from 'node:fs';
import { StartupError } from './errors.ts';

/** Reads a secret from the file that a variable names. Line ends at its end are none of it. */
export function readSecret(variable: string, path: string): string {
  try {
    const secret = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
    if (secret !== '') return secret;
  } catch (error) {
    throw new StartupError(`The file of ${variable} cannot be read: ${(error as Error).message}`);
  }
  throw new StartupError(`The file ${path} of ${variable} is empty.`);
}

/** The address with a password, which may have any characters. Throws a StartupError if it has one already, or has no place for one. */
export function withPassword(databaseUrl: string, password: string, variable: string): string {
  const needed = `DATABASE_URL needs a user and a host for the password of ${variable}: postgres://user@host/database.`;
  if (!URL.canParse(databaseUrl)) throw new StartupError(needed);
  const url = new URL(databaseUrl);
  if (url.password !== '' || url.searchParams.has('password'))
    throw new StartupError(`There is a password in DATABASE_URL, and one in ${variable}. Set only one of them.`);
  url.password = encodeURIComponent(password);
  if (url.username === '' || url.password === '') throw new StartupError(needed);
  return url.href;
}
