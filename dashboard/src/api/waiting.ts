import { computed, signal } from '@preact/signals';

const count = signal(0);

/** Whether an answer is awaited that something on the page waits for. */
export const waiting = computed(() => count.value > 0);

/** Counts one more answer that is awaited, if it is. Returns a function that takes it back. */
export function isAwaited(awaited: boolean): () => void {
  if (!awaited) return () => undefined;
  count.value += 1;
  return () => {
    count.value -= 1;
  };
}
