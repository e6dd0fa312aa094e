/** A choice of the reader that is in the address; null if it is not. */
export function readAddress(name: string): string | null {
  return new URLSearchParams(location.search).get(name);
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
