import { asOfDay, today } from '../api/as-of.ts';
import { day } from '../format/time.ts';
import { text } from './chart-messages.ts';

/** How many publishers are named; of more, the first. */
const NAMED = 3;
const EMBEDS = '/embed';
/** Belongs to the reader, not to what is shown. */
const NOT_SHOWN = ['source'];

/** The day as of which a chart is. */
export function shownDay(): string {
  return asOfDay.value ?? today();
}

/** Whose numbers a chart shows, and as of when. */
export function sourceLine(publishers: readonly string[]): string {
  const m = text.value;
  const named = publishers.slice(0, NAMED);
  const names = named.length === 0 ? null : m.and(named, publishers.length - named.length);
  return m.source(names, day(shownDay()));
}

/** Where a chart is to be found, at the same choice, also for one that stands in another page. */
export function addressOf(path: string | undefined): string {
  const address = new URL(location.href);
  for (const name of NOT_SHOWN) address.searchParams.delete(name);
  if (path !== undefined) address.pathname = path;
  else if (address.pathname.startsWith(EMBEDS)) address.pathname = address.pathname.slice(EMBEDS.length);
  address.hash = '';
  // As a reader would write it: commas are allowed there.
  return address.href.replaceAll('%2C', ',');
}

/** Each name once, who is there most often first. */
export function mostFirst(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name);
}
