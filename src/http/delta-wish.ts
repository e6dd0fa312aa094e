import type { Deltas } from '../execution/deltas.ts';
import type { Sink } from '../execution/payload.ts';

const FORMAT = 'json-patch';
/** As many characters of a wrong format are quoted. */
const MAX_QUOTED = 50;

/** What a client asks for with `extensions.delta`: differences instead of whole answers. */
export interface DeltaWish {
  /** The cursor of the last result that the client has; null if it has none. */
  readonly after: string | null;
}

/** Reads the wish from the parameter `extensions` of a subscription. Null if there is none; a refusal if it cannot be met. */
export function readDeltaWish(extensions: unknown, isLive: boolean): DeltaWish | null | { readonly refusal: string } {
  const { delta, after } = (extensions ?? {}) as Readonly<Record<string, unknown>>;
  if (delta == null) return null;
  if (delta !== FORMAT) {
    // Anything else can be large, or nested too deeply to be printed.
    const given = typeof delta === 'string' ? `"${delta.slice(0, MAX_QUOTED)}"` : 'not a text';
    return { refusal: `extensions.delta is ${given}; the only format is "${FORMAT}".` };
  }
  if (!isLive)
    return {
      refusal:
        'extensions.delta is for live queries: a subscription to events gets each event once. Leave it out, or subscribe to live { … }.',
    };
  if (after != null && typeof after !== 'string')
    return { refusal: 'extensions.after must be a string: the cursor of the last result, from its extensions.' };
  return { after: after ?? null };
}

/** The sink for a subscription on a connection, and the cursor after which it begins. Last-Event-ID goes above the cursor of the wish. */
export function followOn(
  outbox: Sink,
  wish: DeltaWish | undefined,
  deltas: Deltas,
  lastEventId: string | null = null,
): { readonly sink: Sink; readonly after: string | null } {
  if (wish === undefined) return { sink: outbox, after: lastEventId };
  return deltas.follow(outbox, lastEventId ?? wish.after);
}
