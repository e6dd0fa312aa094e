/** Longer than anything may block the event loop. */
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

/** Blocks the event loop for this long, in milliseconds. */
export function hold(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}
