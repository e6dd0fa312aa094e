import { signal } from '@preact/signals';
import { fetchPatiently } from './patient-fetch.ts';

/** Where GraphiQL keeps the key as well, so that it is entered once for both: in the session of the browser's tab, never on the disk. */
const KEY = 'milepost.key';
/** Kept once a key was entered here. Before that none is sent: what everyone may read, all caches may keep. */
const NEEDED = 'milepost.key-needed';
/** A server says so when it is read with a key and none was sent. */
const MISSING = 'KEY_MISSING';

/** Whether the server refuses to be read by this page: without a key, or with the one that it has. */
export type Refusal = 'none sent' | 'not valid';

const refusal = signal<Refusal | null>(null);

let key = readKept();

/** In a frame of another page the browser may forbid to keep anything, by an error. */
function readKept(): string {
  try {
    return sessionStorage.getItem(NEEDED) === null ? '' : (sessionStorage.getItem(KEY) ?? '');
  } catch {
    return '';
  }
}

/** The headers that send the key, if one is needed. */
function headers(): Readonly<Record<string, string>> {
  return key === '' ? {} : { authorization: `Bearer ${key}` };
}

/** Reads with this key from now on, also after a reload where the browser allows that. */
function use(entered: string): void {
  key = entered;
  refusal.value = null;
  try {
    sessionStorage.setItem(KEY, key);
    sessionStorage.setItem(NEEDED, 'yes');
  } catch {
    // It holds until the page is left then.
  }
}

/** As fetchPatiently, and notes whether the server lets the page read. */
async function ask(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetchPatiently(...request);
  if (response.status === 401) refusal.value = await readRefusal(response.clone());
  else if (response.ok) refusal.value = null;
  return response;
}

async function readRefusal(response: Response): Promise<Refusal> {
  const body = (await response.json().catch(() => null)) as {
    readonly errors?: readonly { readonly extensions?: { readonly reason?: unknown } }[];
  } | null;
  return body?.errors?.some(({ extensions }) => extensions?.reason === MISSING) ? 'none sent' : 'not valid';
}

export const access = { refusal, headers, use, ask };
