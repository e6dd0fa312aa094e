import type { Interval } from '../values/interval.ts';
import { type Bounded, isBounded, mergeBounded } from './bounded-spans.ts';
import {
  addStep,
  type Block,
  heightOf,
  merge,
  type Node,
  newNode,
  removeStep,
  type Step,
  tie,
} from './network-blocks.ts';
import { claimsAlong, type Reached, raiseCurve, search, stepsAlong, tiesBetween } from './network-paths.ts';

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

/** What is found out of the network between two constraints. */
interface Known<Claim> {
  from?: Reached<Claim>;
  to?: Reached<Claim>;
  bounded?: readonly Bounded[];
  readonly trees: Map<Block<Claim>, Reached<Claim>>;
}

/** In a network of no more nodes than this, all paths from a block are found at once, because many questions begin there. */
const MOST_TREES = 400;

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

/** By how much a known count misses bounds. */
function excessOf(count: number, lower: number | null, upper: number | null): number {
  return Math.max(0, (lower ?? count) - count, count - (upper ?? count));
}
