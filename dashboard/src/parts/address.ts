import { signal } from '@preact/signals';
// It tells of every change of the address by an event, also of those without a new entry in the history.
import 'wouter-preact/use-browser-location';

/** The choices that go along to the next page. */
const KEPT = ['asOf', 'lang'];

/** The choices of the reader that are in the address. */
const search = signal(location.search);
for (const event of ['popstate', 'pushState', 'replaceState'])
  addEventListener(event, () => {
    search.value = location.search;
  });

/** A choice of the reader that is in the address; null if it is not. Whoever reads it follows it. */
export function readAddress(name: string): string | null {
  return new URLSearchParams(search.value).get(name);
}

/** Puts choices into the address, without a new entry in the history. Null takes one out. */
export function writeAddress(choices: Readonly<Record<string, string | null>>): void {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(choices)) {
    if (value === null) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  history.replaceState(null, '', address);
}

/** The address of another page, as of the same day and in the same language. */
export function pageAt(path: string): string {
  const [name = '', query] = path.split('?');
  const choices = new URLSearchParams(query);
  const now = new URLSearchParams(search.value);
  for (const one of KEPT) if (now.has(one)) choices.set(one, now.get(one) ?? '');
  return choices.size === 0 ? name : `${name}?${choices}`;
}
