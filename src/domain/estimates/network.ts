import { present, required } from '../../required.ts';
import type { Interval } from '../values/interval.ts';
import { createHeap } from './heap.ts';

/**
 * What a claim says about the number of units that are counted after the end of one day and until the end of another. Days are serial
 * numbers. `after` is null for a count from the start.
 */
export interface Constraint<Claim> extends Interval {
  readonly after: number | null;
  readonly through: number;
  readonly claim: Claim;
}

/** Constraints that cannot all hold, and how far apart they are, in units. */
export interface Contradiction<Claim> {
  readonly claims: readonly Claim[];
  readonly gap: number;
}

/** The claims that each of the two bounds of a count follows from. */
export interface Grounds<Claim> {
  readonly lowerFrom: readonly Claim[];
  readonly upperFrom: readonly Claim[];
}

/** The constraints on one curve: the number of units counted to the end of each day. It begins at 0 and never falls. */
export interface Network<Claim> {
  /** Adds a constraint. If it contradicts those before it, nothing is added, and the tightest contradiction is returned. */
  add(constraint: Constraint<Claim>): Contradiction<Claim> | null;
  /** The bounds that all constraints together allow. `after` is null for a count from the start. */
  boundsOf(after: number | null, through: number): Interval & { readonly lower: number };
  /** The claims from which these bounds follow. */
  groundsOf(after: number | null, through: number): Grounds<Claim>;
}

/** The end of a day, or the start, at which nothing is counted yet. */
interface Node<Claim> {
  readonly day: number;
  /** The ends of days before and after it that have constraints. */
  previous: Node<Claim> | null;
  next: Node<Claim> | null;
  block: Block<Claim>;
  /** How much higher the curve is here than its block's height. */
  offset: number;
  /** The exact claims between this node and others of its block. */
  readonly ties: Tie<Claim>[];
}

/**
 * Nodes whose distances are known exactly. They move together, so paths are searched between blocks: a run of daily figures is one block.
 */
interface Block<Claim> {
  readonly nodes: Node<Claim>[];
  /** The nodes beside which there is one of another block. */
  readonly edge: Set<Node<Claim>>;
  readonly out: Step<Claim>[];
  readonly into: Step<Claim>[];
  /** The height of one curve that meets all constraints. It makes every reduced weight at least 0. */
  height: number;
}

interface Tie<Claim> {
  readonly to: Node<Claim>;
  readonly claim: Claim;
}

/** The curve is at most `weight` higher at `to` than at `from`. */
interface Step<Claim> {
  readonly from: Node<Claim>;
  readonly to: Node<Claim>;
  readonly weight: number;
  /** Null: the curve never falls. */
  readonly claim: Claim | null;
}

/** What is found out of the network between two constraints. */
interface Known<Claim> {
  from?: Reached<Claim>;
  to?: Reached<Claim>;
  bounded?: readonly Bounded[];
  readonly trees: Map<Block<Claim>, Reached<Claim>>;
}

/** In a network of no more nodes than this, all paths from a block are found at once, because many questions begin there. */
const MOST_TREES = 400;

/** How far each block is from one block, or to it, in reduced weights, and over which step. */
interface Reached<Claim> {
  readonly lengths: ReadonlyMap<Block<Claim>, number>;
  readonly steps: ReadonlyMap<Block<Claim>, Step<Claim>>;
}

/**
 * Creates an empty network. These are difference constraints, so the tightest bounds are shortest paths and a contradiction is a negative
 * cycle (Dechter, Meiri, Pearl: Temporal constraint networks, Artificial Intelligence 49, 1991). Each new constraint is checked by moving
 * one curve that meets the others (Cotton, Maler: Fast and flexible difference constraint propagation, SAT 2006).
 */
export function createNetwork<Claim>(): Network<Claim> {
  const start = newNode<Claim>(Number.NEGATIVE_INFINITY, null, null, 0);
  /** In the order of their days. */
  const nodes = [start];
  /** All paths from the start, and all to it, until a constraint is added. */
  let known: Known<Claim> = { trees: new Map() };
  /** The spans that have an upper bound. */
  const bounded: Bounded[] = [];

  /** How many nodes there are until the end of a day. */
  const countUntil = (day: number): number => {
    if ((nodes.at(-1)?.day ?? day) <= day) return nodes.length;
    let [low, high] = [1, nodes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((nodes[middle]?.day ?? 0) <= day) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  /** The last node until the end of a day. */
  const nodeUntil = (day: number | null): Node<Claim> => (day === null ? start : (nodes[countUntil(day) - 1] ?? start));
  const nodeAt = (day: number | null): Node<Claim> => {
    const previous = nodeUntil(day);
    if (day === null || previous.day === day) return previous;
    const node = newNode(day, previous, previous.next, heightOf(previous));
    nodes.splice(countUntil(day), 0, node);
    for (const neighbour of [node.previous, node.next]) neighbour?.block.edge.add(neighbour);
    return node;
  };
  /** The nodes between which a count lies: between two nodes the curve lies between their heights. */
  const around = (after: number | null, through: number) => {
    const from = nodeUntil(after);
    const to = nodeUntil(through);
    return {
      outer: { from, to: to.day === through ? to : to.next },
      inner: { from: after === null || from.day === after ? from : from.next, to },
    };
  };
  const paths = (from: Block<Claim>, to: Block<Claim>): Reached<Claim> => {
    if (from === start.block) {
      known.from ??= search(from, null, 'FROM');
      return known.from;
    }
    if (to === start.block) {
      known.to ??= search(to, null, 'TO');
      return known.to;
    }
    if (nodes.length > MOST_TREES) return search(from, to, 'FROM');
    const tree = known.trees.get(from) ?? search(from, null, 'FROM');
    known.trees.set(from, tree);
    return tree;
  };
  /** How much higher the curve can be at one node than at another at most. Null: not bounded. */
  const distance = (from: Node<Claim>, to: Node<Claim> | null): number | null => {
    if (to === null) return null;
    if (from.block === to.block) return to.offset - from.offset;
    known.bounded ??= mergeBounded(bounded);
    if (from.day < to.day && !isBounded(known.bounded, from.day, to.day)) return null;
    const { lengths } = paths(from.block, to.block);
    const reduced = lengths.get(to.block === start.block ? from.block : to.block);
    return reduced === undefined ? null : reduced + heightOf(to) - heightOf(from);
  };
  const groundsBetween = (from: Node<Claim>, to: Node<Claim> | null): readonly Claim[] => {
    if (to === null || distance(from, to) === null) return [];
    if (from.block === to.block) return tiesBetween(from, to);
    const { steps } = paths(from.block, to.block);
    return claimsAlong(from, stepsAlong(from.block, to.block, steps, to.block === start.block), to);
  };

  return {
    add: ({ after, through, lower, upper, claim }) => {
      const [from, to] = [nodeAt(after), nodeAt(through)];
      known = { trees: new Map() };
      if (upper !== null) bounded.push({ from: from.day, to: to.day });
      if (from.block === to.block) {
        const excess = excessOf(to.offset - from.offset, lower, upper);
        if (excess > 0) return { claims: [...new Set([claim, ...tiesBetween(from, to)])], gap: excess };
        if (lower !== null && lower === upper) tie(from, to, claim);
        return null;
      }
      const added: Step<Claim>[] = [];
      for (const step of [
        ...(lower === null ? [] : [{ from: to, to: from, weight: -lower, claim }]),
        ...(upper === null ? [] : [{ from, to, weight: upper, claim }]),
      ]) {
        const contradiction = raiseCurve(step);
        if (contradiction !== null) {
          for (const one of added) removeStep(one);
          return contradiction;
        }
        addStep(step);
        added.push(step);
      }
      if (lower !== null && lower === upper) {
        for (const one of added) removeStep(one);
        tie(from, to, claim);
        merge(from.block, to.block);
      }
      return null;
    },
    boundsOf: (after, through) => {
      const { outer, inner } = around(after, through);
      const lower = inner.from === null ? null : distance(inner.to, inner.from);
      return { lower: lower === null ? 0 : Math.max(0, -lower), upper: distance(outer.from, outer.to) };
    },
    groundsOf: (after, through) => {
      const { outer, inner } = around(after, through);
      const lower = inner.from === null ? null : distance(inner.to, inner.from);
      return {
        lowerFrom: lower === null || lower >= 0 ? [] : groundsBetween(inner.to, inner.from),
        upperFrom: groundsBetween(outer.from, outer.to),
      };
    },
  };
}

/** A span with an upper bound. One that was refused is among them too: they only say where to look. */
interface Bounded {
  readonly from: number;
  readonly to: number;
}

/** The longest spans over which upper bounds lead, because the curve never falls: from any day before another to its end. */
function mergeBounded(spans: readonly Bounded[]): readonly Bounded[] {
  const merged: Bounded[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || span.from > last.to) merged.push(span);
    else if (span.to > last.to) merged[merged.length - 1] = { from: last.from, to: span.to };
  }
  return merged;
}

/** Whether the count between two days can have an upper bound. */
function isBounded(merged: readonly Bounded[], from: number, to: number): boolean {
  let [low, high] = [0, merged.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((merged[middle]?.from ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  return (merged[low - 1]?.to ?? Number.NEGATIVE_INFINITY) >= to;
}

/** By how much a known count misses bounds. */
function excessOf(count: number, lower: number | null, upper: number | null): number {
  return Math.max(0, (lower ?? count) - count, count - (upper ?? count));
}

function newNode<Claim>(
  day: number,
  previous: Node<Claim> | null,
  next: Node<Claim> | null,
  height: number,
): Node<Claim> {
  const block: Block<Claim> = { nodes: [], edge: new Set(), out: [], into: [], height };
  const node: Node<Claim> = { day, previous, next, block, offset: 0, ties: [] };
  block.nodes.push(node);
  block.edge.add(node);
  if (previous !== null) previous.next = node;
  if (next !== null) next.previous = node;
  return node;
}

function heightOf<Claim>({ block, offset }: Node<Claim>): number {
  return block.height + offset;
}

function addStep<Claim>(step: Step<Claim>): void {
  step.from.block.out.push(step);
  step.to.block.into.push(step);
}

/** Only the newest step can be removed. */
function removeStep<Claim>({ from, to }: Step<Claim>): void {
  from.block.out.pop();
  to.block.into.pop();
}

function tie<Claim>(from: Node<Claim>, to: Node<Claim>, claim: Claim): void {
  from.ties.push({ to, claim });
  to.ties.push({ to: from, claim });
}

/** Makes two blocks one. The curve has the exact distances already. */
function merge<Claim>(a: Block<Claim>, b: Block<Claim>): void {
  const [into, gone] = a.nodes.length < b.nodes.length ? [b, a] : [a, b];
  for (const node of gone.nodes) {
    node.offset = heightOf(node) - into.height;
    node.block = into;
    into.nodes.push(node);
  }
  into.out.push(...gone.out);
  into.into.push(...gone.into);
  for (const node of gone.edge) into.edge.add(node);
  for (const moved of gone.nodes) {
    for (const node of [moved, moved.previous, moved.next]) if (node !== null && isInner(node)) into.edge.delete(node);
  }
}

function isInner<Claim>({ block, previous, next }: Node<Claim>): boolean {
  return (previous === null || previous.block === block) && (next === null || next.block === block);
}

/** The steps from a block to others: those of claims, and those back in time, because the curve never falls. */
function* stepsFrom<Claim>(block: Block<Claim>): Iterable<Step<Claim>> {
  for (const step of block.out) if (step.to.block !== block) yield step;
  for (const node of block.edge) {
    const { previous } = node;
    if (previous !== null && previous.block !== block) yield { from: node, to: previous, weight: 0, claim: null };
  }
}

/** The steps to a block from others: those of claims, and those from the next day. */
function* stepsTo<Claim>(block: Block<Claim>): Iterable<Step<Claim>> {
  for (const step of block.into) if (step.from.block !== block) yield step;
  for (const node of block.edge) {
    const { next } = node;
    if (next !== null && next.block !== block) yield { from: next, to: node, weight: 0, claim: null };
  }
}

/**
 * Raises the curve where it has to be higher to meet a new step as well. Returns the contradiction if no curve does; then nothing is
 * raised. Raising is cheap when claims come in the order of time, because only later days follow.
 */
function raiseCurve<Claim>(added: Step<Claim>): Contradiction<Claim> | null {
  const excess = heightOf(added.to) - heightOf(added.from) - added.weight;
  if (excess <= 0) return null;
  /** How much each block has to be raised at least, and the step that says so. */
  const needs = new Map<Block<Claim>, { readonly rise: number; readonly step: Step<Claim> }>([
    [added.from.block, { rise: excess, step: added }],
  ]);
  const raised = new Map<Block<Claim>, number>();
  const queue = createHeap<Block<Claim>>();
  queue.push(added.from.block, -excess);
  for (let block = queue.pop(); block !== undefined; block = queue.pop()) {
    if (raised.has(block)) continue;
    const { rise } = required(needs, block);
    if (block === added.to.block) return { claims: cycleThrough(added, needs), gap: rise };
    raised.set(block, rise);
    for (const step of stepsTo(block)) {
      const needed = heightOf(step.to) + rise - step.weight - heightOf(step.from);
      if (raised.has(step.from.block) || needed <= (needs.get(step.from.block)?.rise ?? 0)) continue;
      needs.set(step.from.block, { rise: needed, step });
      queue.push(step.from.block, -needed);
    }
  }
  for (const [block, rise] of raised) block.height += rise;
  return null;
}

/** The claims of the cycle that a new step closes: its end would have to be higher than itself. */
function cycleThrough<Claim>(
  added: Step<Claim>,
  needs: ReadonlyMap<Block<Claim>, { readonly step: Step<Claim> }>,
): readonly Claim[] {
  const cycle: Step<Claim>[] = [];
  let { block } = added.to;
  do {
    const { step } = required(needs, block);
    cycle.push(step);
    block = step.to.block;
  } while (block !== added.to.block);
  return claimsAlong(present(cycle.at(-1)).to, cycle, present(cycle.at(-1)).to);
}

/** Dijkstra's algorithm over the reduced weights: from a block, or to it; until one other block is reached, or all. */
function search<Claim>(origin: Block<Claim>, goal: Block<Claim> | null, way: 'FROM' | 'TO'): Reached<Claim> {
  const lengths = new Map<Block<Claim>, number>([[origin, 0]]);
  const steps = new Map<Block<Claim>, Step<Claim>>();
  const done = new Set<Block<Claim>>();
  const queue = createHeap<Block<Claim>>();
  const target = goal?.nodes[0]?.day ?? 0;
  queue.push(origin, 0);
  for (let block = queue.pop(); block !== undefined && block !== goal; block = queue.pop()) {
    if (done.has(block)) continue;
    done.add(block);
    const length = required(lengths, block);
    for (const step of way === 'FROM' ? stepsFrom(block) : stepsTo(block)) {
      const other = way === 'FROM' ? step.to.block : step.from.block;
      const reached = length + step.weight + heightOf(step.from) - heightOf(step.to);
      if (reached >= (lengths.get(other) ?? Number.POSITIVE_INFINITY)) continue;
      lengths.set(other, reached);
      steps.set(other, step);
      // Of blocks that are equally far, the one nearest to the goal first.
      queue.push(other, reached, goal === null ? 0 : Math.abs((way === 'FROM' ? step.to : step.from).day - target));
    }
  }
  return { lengths, steps };
}

/** The steps of a path in their order. They are known by the block that they lead to, or from. */
function stepsAlong<Claim>(
  from: Block<Claim>,
  to: Block<Claim>,
  steps: ReadonlyMap<Block<Claim>, Step<Claim>>,
  byOrigin: boolean,
): readonly Step<Claim>[] {
  const path: Step<Claim>[] = [];
  for (let block = byOrigin ? from : to; block !== (byOrigin ? to : from); ) {
    const step = required(steps, block);
    path.push(step);
    block = byOrigin ? step.to.block : step.from.block;
  }
  return byOrigin ? path : path.reverse();
}

/** The claims of a path, each once, in its order: those of its steps, and those that tie the nodes between them. */
function claimsAlong<Claim>(from: Node<Claim>, steps: readonly Step<Claim>[], to: Node<Claim>): readonly Claim[] {
  const claims: Claim[] = [];
  let at = from;
  for (const step of steps) {
    claims.push(...tiesBetween(at, step.from));
    if (step.claim !== null) claims.push(step.claim);
    at = step.to;
  }
  return [...new Set([...claims, ...tiesBetween(at, to)])];
}

/** The fewest exact claims that tie two nodes of a block, in the order of the path. */
function tiesBetween<Claim>(from: Node<Claim>, to: Node<Claim>): readonly Claim[] {
  const ties = new Map<Node<Claim>, { readonly node: Node<Claim>; readonly claim: Claim }>();
  const waiting = [from];
  for (let index = 0; index < waiting.length && !ties.has(to) && from !== to; index += 1) {
    const node = present(waiting[index]);
    for (const tie of node.ties) {
      if (tie.to === from || ties.has(tie.to)) continue;
      ties.set(tie.to, { node, claim: tie.claim });
      waiting.push(tie.to);
    }
  }
  const claims: Claim[] = [];
  for (let node = to; node !== from; ) {
    const tie = required(ties, node);
    claims.push(tie.claim);
    node = tie.node;
  }
  return claims.reverse();
}
