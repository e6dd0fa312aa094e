/** Longer than this nobody waits for a page. */
const LONGEST_WAIT_SECONDS = 60;

/** Fetches as the browser does. If the server says that this client has asked for too much, it asks again when the server says so. */
export const fetchPatiently: typeof fetch = async (input, init) => {
  for (;;) {
    const response = await fetch(input, init);
    const seconds = Number(response.headers.get('retry-after'));
    if (response.status !== 429 || !(seconds > 0 && seconds <= LONGEST_WAIT_SECONDS)) return response;
    await sleep(seconds * 1_000, init?.signal ?? null);
  }
};

function sleep(ms: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
