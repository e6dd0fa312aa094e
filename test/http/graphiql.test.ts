import { expect, test, vi } from 'vitest';
import { createGraphiQLPage } from '../../src/http/graphiql.ts';

test('the page of GraphiQL is loaded again after a load that failed, and then rendered once', async () => {
  const render = vi.fn(() => '<head></head>');
  render.mockImplementationOnce(() => {
    throw new Error('too many open files');
  });
  vi.doMock('@graphql-yoga/render-graphiql', () => ({ renderGraphiQL: render }));
  const readPage = createGraphiQLPage([]);
  await expect(readPage()).rejects.toThrow('too many open files');
  const [page, same] = await Promise.all([readPage(), readPage()]);
  expect(page.toString('utf8')).toContain('<head>');
  expect(same).toBe(page);
  expect(await readPage()).toBe(page);
  expect(render).toHaveBeenCalledTimes(2);
  vi.doUnmock('@graphql-yoga/render-graphiql');
});
