import { type Asked, operationOf } from './asked.ts';

/**
 * Takes the operation out of the address (`?query=&variables=`); null for none. It is taken out because its tab is kept: a reload shows that
 * tab as it was edited, and not one more.
 */
export function takeOperation(): Asked | null {
  const asked = operationOf(location.search);
  if (asked !== null) history.replaceState(null, '', location.pathname);
  return asked;
}
