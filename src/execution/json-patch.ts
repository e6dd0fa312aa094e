import { rowKeys } from './row-keys.ts';

/** An operation of a JSON Patch (RFC 6902), of the kinds that are needed here. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** From this many operations on it is tried whether a row takes fewer bytes as a whole. */
const MANY = 3;
/** Paths that libraries refuse to follow, because they lead to an object's prototype in JavaScript. */
const REFUSED_PATH = /\/(__proto__|constructor\/prototype)(\/|$)/;

/**
 * The operations that make one JSON value the other, in time that grows with their size and not with its square. Null if a client's
 * library would refuse them.
 * Rows of a list are recognised when rows before them come or go; a row that changes its place is removed and added.
 */
export function makePatch(before: unknown, after: unknown): readonly PatchOperation[] | null {
  const patch: PatchOperation[] = [];
  compare(patch, '', before, after);
  return patch.some(({ path }) => REFUSED_PATH.test(path)) ? null : patch;
}

function compare(patch: PatchOperation[], path: string, before: unknown, after: unknown): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) compareLists(patch, path, before, after);
  else if (isObject(before) && isObject(after)) compareObjects(patch, path, before, after);
  else patch.push({ op: 'replace', path, value: after });
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function compareObjects(patch: PatchOperation[], path: string, before: JsonObject, after: JsonObject): void {
  for (const name of Object.keys(before))
    if (!Object.hasOwn(after, name)) patch.push({ op: 'remove', path: inside(path, name) });
  for (const [name, value] of Object.entries(after)) {
    if (Object.hasOwn(before, name)) compare(patch, inside(path, name), before[name], value);
    else patch.push({ op: 'add', path: inside(path, name), value });
  }
}

/** Removes from the end and adds from the front: so each index is that of the moment. Then it compares the rows that stayed. */
function compareLists(
  patch: PatchOperation[],
  path: string,
  before: readonly unknown[],
  after: readonly unknown[],
): void {
  const places = placesBefore(before, after);
  const stays = new Set(places);
  for (let index = before.length - 1; index >= 0; index -= 1)
    if (!stays.has(index)) patch.push({ op: 'remove', path: `${path}/${index}` });
  for (const [index, place] of places.entries())
    if (place === null) patch.push({ op: 'add', path: `${path}/${index}`, value: after[index] });
  for (const [index, place] of places.entries())
    if (place !== null) compareRows(patch, `${path}/${index}`, before[place], after[index]);
}

function compareRows(patch: PatchOperation[], path: string, before: unknown, after: unknown): void {
  const start = patch.length;
  compare(patch, path, before, after);
  if (patch.length - start < MANY) return;
  const whole: PatchOperation = { op: 'replace', path, value: after };
  if (JSON.stringify(whole).length < JSON.stringify(patch.slice(start)).length)
    patch.splice(start, patch.length - start, whole);
}

/**
 * For each row its index in the list before, if it stays; null if it is to be added. The indices ascend. Between two rows that stay, new
 * rows take the places of those that go.
 */
function placesBefore(before: readonly unknown[], after: readonly unknown[]): readonly (number | null)[] {
  const { keysBefore, keysAfter } = rowKeys(before, after);
  const known = new Map(keysBefore.map((key, index) => [key, index]));
  const places = keysAfter.map((key) => known.get(key) ?? null);
  const staying = longestAscending(places).toReversed();
  const result: (number | null)[] = [];
  let free = 0;
  for (const end of [...staying, after.length]) {
    const place = places[end] ?? before.length;
    while (result.length < end) {
      result.push(free < place ? free : null);
      free += 1;
    }
    if (end < after.length) result.push(place);
    free = place + 1;
  }
  return result;
}

/** The indices of the longest ascending subsequence, the last one first; nulls are not part of it. */
function longestAscending(values: readonly (number | null)[]): readonly number[] {
  /** At each length the index of the smallest value that a subsequence of this length ends with. */
  const ends: number[] = [];
  const previous: (number | undefined)[] = [];
  const at = (index: number | undefined): number => values[index as number] as number;
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(ends[middle]) < value) low = middle + 1;
      else high = middle;
    }
    previous[index] = ends[low - 1];
    ends[low] = index;
  }
  const chosen: number[] = [];
  for (let index = ends.at(-1); index !== undefined; index = previous[index]) chosen.push(index);
  return chosen;
}

function inside(path: string, name: string): string {
  return `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
