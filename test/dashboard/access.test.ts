import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** The module in a new tab of a browser, with what its session has kept. */
async function openTab(kept: Record<string, string> = {}) {
  const session = new Map(Object.entries(kept));
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => session.get(name) ?? null,
    setItem: (name: string, value: string) => session.set(name, value),
  });
  vi.resetModules();
  return { ...(await import('../../dashboard/src/api/access.ts')), session };
}

test('a page sends no key that was entered elsewhere until the server needs one and it is entered here', async () => {
  const { access, session } = await openTab({ 'milepost.key': 'mp_of-graphiql' });
  expect(access.headers()).toEqual({});
  access.use('mp_new');
  expect(access.headers()).toEqual({ authorization: 'Bearer mp_new' });
  // GraphiQL has it as well, and so has the page after a reload.
  expect(session.get('milepost.key')).toBe('mp_new');
  const reloaded = await openTab(Object.fromEntries(session));
  expect(reloaded.access.headers()).toEqual({ authorization: 'Bearer mp_new' });
});

test('where the browser allows to keep nothing, a key is used until the page is left', async () => {
  const forbid = () => {
    throw new Error('SecurityError');
  };
  vi.stubGlobal('sessionStorage', { getItem: forbid, setItem: forbid });
  vi.resetModules();
  const { access } = await import('../../dashboard/src/api/access.ts');
  expect(access.headers()).toEqual({});
  access.use('mp_new');
  expect(access.headers()).toEqual({ authorization: 'Bearer mp_new' });
});

test.each([
  ['KEY_MISSING', 'none sent'],
  ['KEY_REVOKED', 'not valid'],
  [undefined, 'not valid'],
])('a refusal with the reason %s is told as: %s; the answer is still there to read', async (reason, told) => {
  const { access } = await openTab();
  const body = JSON.stringify({ errors: [{ message: 'No.', extensions: { code: 'UNAUTHENTICATED', reason } }] });
  let status = 401;
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    expect(access.refusal.value).toBeNull();
    expect(await (await access.ask(address)).text()).toBe(body);
    expect(access.refusal.value).toBe(told);
    status = 503;
    await access.ask(address);
    expect(access.refusal.value).toBe(told);
    status = 200;
    await access.ask(address);
    expect(access.refusal.value).toBeNull();
  } finally {
    server.close();
  }
});
