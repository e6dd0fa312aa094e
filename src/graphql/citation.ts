import DataLoader from 'dataloader';
import type { Figure } from '../database/generated/client.ts';
import { breaksWithin } from '../domain/claims/breaks.ts';
import { amountOf, type CitedSource, citationOf } from '../domain/estimates/citation.ts';
import { judgedIn } from '../domain/estimates/judged.ts';
import type { SpanClaim } from '../domain/estimates/weighing.ts';
import { boundsOf } from '../domain/values/interval.ts';
import { required } from '../required.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { loadBreaks, loadGrounds, loadHistory } from './histories.ts';
import { Observation } from './observation.ts';
import type { ShownObservation } from './shown-observation.ts';

interface Named {
  readonly slug: string;
  readonly name: string;
}
interface CitedFigure extends CitedSource {
  readonly note: string | null;
}

/** What one operation cites is read together. */
interface Loaders {
  readonly subjects: DataLoader<number, Named>;
  readonly figures: DataLoader<number, CitedFigure>;
  head: Promise<string> | null;
}

builder.objectFields(Observation, (t) => ({
  citation: t.string({
    description:
      'One sentence to cite: subject, value with how exactly it is known, metric, period, and the source with the day of its publication. For a value that no source states, what it follows from, as "the sum of 3 periods", and the last source among these. With `asOf`, that too.',
    complexity: 5,
    resolve: loadCitation,
  }),
  url: t.string({
    description:
      'A permalink that names the observation as known at this place in the change log: `/v/<cursor>/<subject>/<metric>/<period>`, with `within` and `asOf` behind it where they were given. Relative to this server. In live queries its cursor is that of the answer; a later change of something else does not send it again.',
    resolve: loadUrl,
  }),
  notes: t.stringList({
    description:
      'What a reader has to know of the value, a sentence each: where a redefined series begins within the period, that it is of a scope narrower than the subject, what the best claim notes, and which claims about exactly this period were taken as rounded or set aside. Empty if there is nothing to say.',
    complexity: { field: 5, multiplier: 5 },
    resolve: loadNotes,
  }),
}));

async function loadCitation(observed: ShownObservation, _args: unknown, context: Context): Promise<string> {
  const { place, bestId } = observed;
  const { subjects, figures } = loadersOf(context);
  const { figureIds, phrase } = await loadGrounds(context, observed);
  const [subject, within, source, others] = await Promise.all([
    subjects.load(place.subjectId),
    place.withinId === null ? null : subjects.load(place.withinId),
    bestId === null ? null : figures.load(bestId),
    bestId === null ? Promise.all(figureIds.map((id) => figures.load(id))) : [],
  ]);
  return citationOf(observed, {
    subject: subject.name,
    within: within?.name ?? null,
    source,
    ground: phrase,
    last: lastOf(others),
  });
}

async function loadUrl({ place, period, entry }: ShownObservation, _args: unknown, context: Context): Promise<string> {
  const { subjects } = loadersOf(context);
  const [subject, within, cursor] = await Promise.all([
    subjects.load(place.subjectId),
    place.withinId === null ? null : subjects.load(place.withinId),
    entry?.cursor ?? headOf(context),
  ]);
  const path = [cursor, subject.slug, place.metric, period.text].map(encodeURIComponent).join('/');
  const query = new URLSearchParams({
    ...(within === null ? {} : { within: within.slug }),
    ...(place.asOf === null ? {} : { asOf: place.asOf.toISOString() }),
  });
  return query.size === 0 ? `/v/${path}` : `/v/${path}?${query}`;
}

async function loadNotes(observed: ShownObservation, _args: unknown, context: Context): Promise<string[]> {
  const { place, period, bestId } = observed;
  const { subjects, figures } = loadersOf(context);
  const [breaks, judged, best] = await Promise.all([
    loadBreaks(context, observed),
    loadJudged(observed, context),
    bestId === null ? null : figures.load(bestId),
  ]);
  // A share of a market is about the market, which is no narrower than what is meant.
  const isNarrower = place.withinId !== null && place.metric !== 'MARKET_SHARE';
  const [subject, market] = isNarrower
    ? await Promise.all([subjects.load(place.subjectId), subjects.load(place.withinId as number)])
    : [];
  const redefined = await Promise.all(
    breaksWithin(breaks, period).map(async (one) => {
      const whose = one.subjectId === place.subjectId ? '' : ` of ${(await subjects.load(one.subjectId)).name}`;
      return one.day === period.start || one.period === period.text
        ? `A redefined series${whose} begins with this period: earlier values do not count the same.`
        : `A redefined series${whose} begins with ${one.period}, within this period: before and after it the same is not counted.`;
    }),
  );
  return [
    ...redefined,
    ...(market === undefined ? [] : [`Only of ${market.name}, not of all of ${subject?.name}.`]),
    ...(best?.note == null ? [] : [best.note]),
    ...judged.rounded.map((claim) => `${saidBy(claim)} is taken as rounded.`),
    ...judged.setAside.map((claim) => `${saidBy(claim)} is set aside, because other claims contradict it.`),
  ];
}

/** What became of the claims about exactly its period. One exact claim alone stands as it was made, as most do. */
async function loadJudged(
  { place, period, agreement, bestId, decidedBy, qualifier }: ShownObservation,
  context: Context,
) {
  const stands = agreement === 'SOLE' && bestId !== null && qualifier === 'EXACT';
  const history = decidedBy === null || stands ? null : await loadHistory(context, place);
  return history === null ? { rounded: [], setAside: [] } : judgedIn(history, period);
}

function saidBy({ publisher, value, bounds, qualifier }: SpanClaim): string {
  return `${publisher.name}'s ${amountOf({ value, qualifier, ...bounds })}`;
}

/** The document that was published last. Null if none has a date. */
function lastOf(sources: readonly CitedSource[]): CitedSource | null {
  return sources.reduce<CitedSource | null>(
    (last, source) => ((source.publishedOn ?? '') > (last?.publishedOn ?? '') ? source : last),
    null,
  );
}

/** The head of the log, the same for all of one operation. */
function headOf(context: Context): Promise<string> {
  const known = loadersOf(context);
  const read = context.unnotedHead ?? (() => context.changes.head());
  known.head ??= context.head === undefined ? read() : Promise.resolve(context.head);
  return known.head;
}

const loaders = new WeakMap<Context, Loaders>();

function loadersOf(context: Context): Loaders {
  const known = loaders.get(context);
  if (known !== undefined) return known;
  const { db } = context;
  const fresh: Loaders = {
    subjects: new DataLoader(async (ids: readonly number[]) => {
      const found = await db.subject.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true, slug: true, name: true },
      });
      const byId = new Map(found.map((subject) => [subject.id, subject]));
      return ids.map((id) => required(byId, id));
    }),
    figures: new DataLoader(async (ids: readonly number[]) => {
      const found = await db.figure.findMany({
        where: { id: { in: [...ids] } },
        select: {
          ...{ id: true, subjectId: true, metric: true, note: true, attributedTo: true },
          ...{ value: true, lower: true, upper: true, qualifier: true },
          source: { select: { title: true, publishedOn: true, publisher: { select: { name: true } } } },
        },
      });
      const byId = new Map(found.map((figure) => [figure.id, citedFrom(figure)]));
      return ids.map((id) => required(byId, id));
    }),
    head: null,
  };
  loaders.set(context, fresh);
  return fresh;
}

function citedFrom({
  note,
  attributedTo,
  source: { title, publishedOn, publisher },
  value,
  lower,
  upper,
  qualifier,
}: Pick<Figure, 'value' | 'lower' | 'upper' | 'qualifier'> & {
  readonly note: string | null;
  readonly attributedTo: string | null;
  readonly source: {
    readonly title: string;
    readonly publishedOn: Date | null;
    readonly publisher: { readonly name: string };
  };
}): CitedFigure {
  const day = publishedOn === null ? null : publishedOn.toISOString().slice(0, 10);
  const stated = { value, qualifier, ...boundsOf(qualifier, value, { lower, upper }) };
  return { note, attributedTo, title, publisher: publisher.name, publishedOn: day, stated };
}
