/** A choice that the reader made on an earlier visit; null for none. In a frame of another page the browser may forbid to keep any, by an error. */
export function readKept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keeps a choice of the reader for the next visit, where the browser allows it. */
export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // It holds for this visit then.
  }
}
