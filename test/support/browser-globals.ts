import { vi } from 'vitest';

/** Lets modules of the dashboard read, when they are imported, what a browser has. `vi.unstubAllGlobals` takes it away again. */
export function stubBrowser(address = 'http://localhost/'): void {
  vi.stubGlobal('location', new URL(address));
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
  vi.stubGlobal('document', { documentElement: {} });
  vi.stubGlobal('navigator', { language: 'en' });
  vi.stubGlobal('history', { pushState: () => undefined, replaceState: () => undefined });
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('dispatchEvent', () => true);
  vi.stubGlobal('window', {});
}
