/** Longer than anything that can wait may hold up the event loop. */
export const LONG_MS = 10;

/** Counts the event loop's turns until it is stopped. */
export function watchLoop(): { readonly turn: number; stop(): void } {
  let turn = 0;
  let next: NodeJS.Immediate;
  const goOn = (): void => {
    turn += 1;
    next = setImmediate(goOn);
  };
  next = setImmediate(goOn);
  return {
    get turn() {
      return turn;
    },
    stop: () => clearImmediate(next),
  };
}

/** Lets nothing else have its turn for so long, in milliseconds. */
export function hold(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}
