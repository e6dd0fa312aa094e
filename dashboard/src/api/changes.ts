import { effect, signal, untracked } from '@preact/signals';
import type { ResultOf } from 'gql.tada';
import { access } from './access.ts';
import { client } from './client.ts';
import { CONTRADICTION_SAID } from './contradiction-said.ts';
import { graphql } from './graphql.ts';
import { live } from './live-state.ts';

/** How many changes the feed shows. */
const SHOWN = 40;
/** What is on the page is asked for again so long after a change, in milliseconds: changes come in bursts, and not all readers shall ask at once. */
const ASK_AFTER = 50;
const SPREAD = 250;
/** How long after a failure the newest changes are asked for again, in milliseconds. */
const READ_AGAIN_AFTER = 2_000;

export const CHANGE = graphql(
  `
  fragment Change on Change @_unmask {
    __typename
    cursor
    at
    subject { id slug name nameZh }
    ... on FigureChange {
      action
      before
      figure {
        id
        metric
        period
        value
        lower
        upper
        qualifier
        statedChangePercent
        reason
        source { id publisher { id name } }
      }
      observation { id decidedBy value }
    }
    ... on MilestoneChange { status milestone { id kind metric threshold title } }
    ... on ContradictionChange { resolved contradiction { id ...ContradictionSaid } }
    ... on TargetChange { target { id metric period value lower upper growthMinPercent growthMaxPercent } }
    ... on MembershipChange { membership { id alliance { id name nameZh } } }
  }
`,
  [CONTRADICTION_SAID],
);
const NEWEST = graphql(`query Newest($last: Int!) { head changes(last: $last) { nodes { ...Change } } }`, [CHANGE]);
const FOLLOW = graphql(
  `
  subscription Follow($after: Cursor!) {
    changes(after: $after) {
      ...Change
      ... on FigureChange {
        affected { id value lower upper qualifier method revised agreement }
      }
    }
  }`,
  [CHANGE],
);

export type Change = ResultOf<typeof CHANGE>;

/** The newest changes, the newest first. */
export const changes = signal<readonly Change[]>([]);
/** Whether the first place in the log is known, so that nothing that is asked for from now on can be missed. */
export const ready = signal(false);

const listeners = new Set<() => void>();
let isAsking = false;

/** Calls a function a moment after changes, to ask again for what is on the page. Returns a function that ends it. */
export function onChanges(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Reads the newest changes and the place in the log that belongs to them, and follows the log from there, whenever it is not paused. */
export function startFollowing(): void {
  let after: string | undefined;
  live.onLost(async () => {
    after = await readNewest();
    askAgain();
    return after;
  });
  effect(() => {
    if (live.isPaused.value) return undefined;
    let unfollow = (): void => undefined;
    let isOver = false;
    const begin = async (): Promise<void> => {
      after ??= await readFirst(() => isOver);
      // The reader can have paused meanwhile.
      if (after === undefined || isOver) return;
      ready.value = true;
      const following = client.subscription(FOLLOW, { after }).subscribe(({ data }) => {
        if (data === undefined) return;
        after = data.changes.cursor;
        take(data.changes);
      });
      unfollow = following.unsubscribe;
    };
    void untracked(begin);
    return () => {
      isOver = true;
      unfollow();
    };
  });
}

/** Reads the newest changes for the first time, again and again until the server answers; undefined if that is not wanted any more. */
async function readFirst(isOver: () => boolean): Promise<string | undefined> {
  while (!isOver()) {
    try {
      return await readNewest();
    } catch {
      live.connected(false);
      // Until the reader has entered another key, the answer would be the same.
      do await new Promise((resolve) => setTimeout(resolve, READ_AGAIN_AFTER));
      while (access.refusal.peek() !== null && !isOver());
    }
  }
  return undefined;
}

async function readNewest(): Promise<string> {
  const { data, error } = await client.query(NEWEST, { last: SHOWN }, { requestPolicy: 'network-only' }).toPromise();
  if (data === undefined) throw error ?? new Error('The server did not answer.');
  // With `last` the newest come first.
  changes.value = data.changes.nodes;
  return data.head;
}

function take(change: Change): void {
  if (changes.value.some(({ cursor }) => cursor === change.cursor)) return;
  changes.value = [change, ...changes.value].slice(0, SHOWN);
  if (isAsking) return;
  isAsking = true;
  setTimeout(askAgain, ASK_AFTER + Math.random() * SPREAD);
}

function askAgain(): void {
  isAsking = false;
  for (const listener of listeners) listener();
}
