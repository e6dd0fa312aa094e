import { computed, signal } from '@preact/signals';

/** How long the connection may be lost before the numbers are called stale, in milliseconds. */
const STALE_AFTER = 30_000;

/** `since` is when the connection was lost, or the reader paused. */
export type LiveState =
  | { readonly name: 'connecting' | 'live' }
  | { readonly name: 'reconnecting' | 'stale' | 'paused'; readonly since: Date };

const state = signal<LiveState>({ name: 'connecting' });
const isPaused = computed(() => state.value.name === 'paused');
let timer: ReturnType<typeof setTimeout> | undefined;

function connected(isConnected: boolean): void {
  if (state.value.name === 'paused') return;
  if (isConnected) {
    clearTimeout(timer);
    state.value = { name: 'live' };
  } else if (state.value.name === 'live' || state.value.name === 'connecting') {
    const since = new Date();
    state.value = { name: 'reconnecting', since };
    timer = setTimeout(() => {
      state.value = { name: 'stale', since };
    }, STALE_AFTER);
  }
}

function pause(): void {
  clearTimeout(timer);
  state.value = { name: 'paused', since: new Date() };
}

function resume(): void {
  state.value = { name: 'connecting' };
}

/** Reads everything again. It is set by who reads. */
let readAgain: () => Promise<string> = () => Promise.reject(new Error('Nothing was read yet.'));

export const live = {
  state,
  isPaused,
  connected,
  pause,
  resume,
  lost: (): Promise<string> => readAgain(),
  onLost: (read: () => Promise<string>): void => {
    readAgain = read;
  },
};
