import { present, required } from '../../required.ts';
import { createHeap } from './heap.ts';
import { type Block, heightOf, type Node, type Step, stepsFrom, stepsTo } from './network-blocks.ts';

/** The claims of a path that leads below where it began, and by how much. */
export interface Cycle<Claim> {
  readonly claims: readonly Claim[];
  readonly gap: number;
}

/** How far each block is from one block, or to it, in reduced weights, and over which step. */
export interface Reached<Claim> {
  readonly lengths: ReadonlyMap<Block<Claim>, number>;
  readonly steps: ReadonlyMap<Block<Claim>, Step<Claim>>;
}

/** Dijkstra's algorithm over the reduced weights: from a block, or to it; until one other block is reached, or all. */
export function search<Claim>(origin: Block<Claim>, goal: Block<Claim> | null, way: 'FROM' | 'TO'): Reached<Claim> {
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

/**
 * Raises the curve where it has to be higher to meet a new step as well. Returns the contradiction if no curve does; then nothing is
 * raised. Raising is cheap when claims come in the order of time, because only later days follow.
 */
export function raiseCurve<Claim>(added: Step<Claim>): Cycle<Claim> | null {
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

/** The steps of a path in their order. They are known by the block that they lead to, or from. */
export function stepsAlong<Claim>(
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
export function claimsAlong<Claim>(
  from: Node<Claim>,
  steps: readonly Step<Claim>[],
  to: Node<Claim>,
): readonly Claim[] {
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
export function tiesBetween<Claim>(from: Node<Claim>, to: Node<Claim>): readonly Claim[] {
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
