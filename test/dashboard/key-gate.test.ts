import { Window } from 'happy-dom';
import { type FunctionComponent, h, render } from 'preact';
import { afterEach, expect, test, vi } from 'vitest';
import { stubBrowser } from '../support/browser-globals.ts';

/** Its types are those of Preact, with which only the dashboard is checked. */
const GATE = new URL('../../dashboard/src/parts/key-gate.tsx', import.meta.url).href;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test('the page of a server that is read with a key says so, and reads with the key that is entered', async () => {
  vi.resetModules();
  const window = new Window({ url: 'http://localhost/' });
  stubBrowser();
  vi.stubGlobal('sessionStorage', window.sessionStorage);
  vi.stubGlobal('document', window.document);
  const { access } = await import('../../dashboard/src/api/access.ts');
  const { KeyGate } = (await import(GATE)) as { KeyGate: FunctionComponent<{ readonly refusal: string }> };
  const { body } = window.document;
  render(h(KeyGate, { refusal: 'none sent' }), body as unknown as Element);
  expect(body.querySelector('h1')?.textContent).toBe('This server needs a key');
  expect(body.querySelector('[role=alert]')?.textContent).toContain('only with a key');
  render(h(KeyGate, { refusal: 'not valid' }), body as unknown as Element);
  expect(body.querySelector('[role=alert]')?.textContent).toContain('is not valid');

  access.refusal.value = 'not valid';
  const enter = (key: string): void => {
    const field = body.querySelector('input');
    if (field !== null) field.value = key;
    body.querySelector('form')?.dispatchEvent(new window.Event('submit', { cancelable: true }));
  };
  enter('  ');
  expect(access.refusal.value).toBe('not valid');
  enter(' mp_entered ');
  expect(access.refusal.value).toBeNull();
  expect(access.headers()).toEqual({ authorization: 'Bearer mp_entered' });
  await window.happyDOM.close();
});
