/** What the reader chose before. Null also where the browser lets the page keep nothing, as it may in a frame of another page. */
export function readKept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keeps what the reader chose for the next time. */
export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Then it holds as long as the page is open.
  }
}
