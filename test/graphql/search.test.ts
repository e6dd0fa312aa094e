import { afterAll, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';

const api = await openApi({ seeded: true });
afterAll(() => api[Symbol.asyncDispose]());

async function search(query: string, more: { kinds?: readonly string[]; first?: number } = {}): Promise<string[]> {
  const { search: found } = await api.ask<{ search: { slug: string }[] }>(
    'query ($query: String!, $kinds: [SubjectKind!], $first: Int = 10) { search(query: $query, kinds: $kinds, first: $first) { slug } }',
    { query, ...more },
  );
  return found.map(({ slug }) => slug);
}

test.each([
  ['its slug', 'li-auto', 'li-auto'],
  ['its name', 'Harmony Intelligent Mobility Alliance', 'hima'],
  ['an alias', 'Wenjie', 'aito'],
  ['its Chinese name', '问界', 'aito'],
  ['the beginning of its Chinese name', '问', 'aito'],
  ['another case', 'HUAWEI', 'huawei'],
  ['other spaces', 'liauto', 'li-auto'],
  ['spaces around it', '  xpeng  ', 'xpeng'],
  ['a part of its name', 'Super Factory', 'seres-super-factory'],
])('finds a subject by %s first', async (_by, query, slug) => {
  expect((await search(query))[0]).toBe(slug);
});

test.each([
  ['xiaopeng', 'xpeng'],
  ['Xiao Peng', 'xpeng'],
  ['lixiang', 'li-auto'],
  ['wenjie', 'aito'],
  ['weilai', 'nio'],
  ['lingpao', 'leapmotor'],
  ['biyadi', 'byd'],
  ['jike', 'zeekr'],
  ['nezha', 'neta'],
  ['hongmengzhixing', 'hima'],
  ['Wenjie M5', 'aito-m5'],
  ['hongmengzixing', 'hima'],
])('finds a subject by the pinyin of its Chinese name, %s, first', async (query, slug) => {
  expect((await search(query))[0]).toBe(slug);
});

test('does not look for pinyin inside of names', async () => {
  expect(await search('qiche', { first: 100 })).toEqual([]);
});

test('suggests a slug by the pinyin of the Chinese name', async () => {
  const { extensions } = (await api.query('{ brand(slug: "xiaopeng") { slug } }')) as { extensions?: unknown };
  expect(extensions).toEqual({ didYouMean: [{ path: ['brand'], argument: 'slug', slugs: ['xpeng'] }] });
});

test('finds a subject by a misspelt name', async () => {
  expect(await search('xioami')).toEqual(expect.arrayContaining(['xiaomi', 'xiaomi-auto']));
  expect((await search('Leapmoter'))[0]).toBe('leapmotor');
});

test('ranks an equal name before one that begins with the query, and that before one that contains it', async () => {
  const found = await search('aito', { first: 100 });
  const rest = found.slice(1);
  expect(found[0]).toBe('aito');
  expect(rest.indexOf('premium-suv-200k-600k')).toBeGreaterThan(rest.indexOf('aito-m9'));
});

test('finds only the kinds that are asked for', async () => {
  expect(await search('nio', { kinds: ['COMPANY'] })).toEqual(['nio-inc']);
  expect(await search('nio', { kinds: ['COMPANY', 'MODEL'] })).toEqual(['nio-inc', 'nio-es8', 'nio-et7', 'nio-et5']);
  expect(await search('nio', { kinds: [] })).toEqual([]);
});

test('finds as many as are asked for, and 10 by default', async () => {
  expect(await search('a', { first: 3 })).toHaveLength(3);
  expect(await search('a')).toHaveLength(10);
  expect((await search('a', { first: 100 })).length).toBeGreaterThan(10);
});

test.each([0, 101])('refuses to find %i', async (first) => {
  const { errors } = await api.query('query ($first: Int) { search(query: "a", first: $first) { slug } }', { first });
  expect(errors).toMatchObject([{ path: ['search'], extensions: { code: 'BAD_USER_INPUT' } }]);
});

test.each(['', '   ', '-', 'no such maker'])('finds nothing for "%s"', async (query) => {
  expect(await search(query)).toEqual([]);
});

test('a search for a text longer than any name is fast', async () => {
  const started = performance.now();
  expect(await search('a'.repeat(10_000))).toEqual([]);
  expect(performance.now() - started).toBeLessThan(2_000);
});
