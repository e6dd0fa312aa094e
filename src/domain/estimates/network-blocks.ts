/** The end of a day, or the start, at which nothing is counted yet. */
export interface Node<Claim> {
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
export interface Block<Claim> {
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
export interface Step<Claim> {
  readonly from: Node<Claim>;
  readonly to: Node<Claim>;
  readonly weight: number;
  /** Null: the curve never falls. */
  readonly claim: Claim | null;
}

export function newNode<Claim>(
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

export function heightOf<Claim>({ block, offset }: Node<Claim>): number {
  return block.height + offset;
}

export function addStep<Claim>(step: Step<Claim>): void {
  step.from.block.out.push(step);
  step.to.block.into.push(step);
}

/** Only the newest step can be removed. */
export function removeStep<Claim>({ from, to }: Step<Claim>): void {
  from.block.out.pop();
  to.block.into.pop();
}

export function tie<Claim>(from: Node<Claim>, to: Node<Claim>, claim: Claim): void {
  from.ties.push({ to, claim });
  to.ties.push({ to: from, claim });
}

/** Makes two blocks one. The curve has the exact distances already. */
export function merge<Claim>(a: Block<Claim>, b: Block<Claim>): void {
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
export function* stepsFrom<Claim>(block: Block<Claim>): Iterable<Step<Claim>> {
  for (const step of block.out) if (step.to.block !== block) yield step;
  for (const node of block.edge) {
    const { previous } = node;
    if (previous !== null && previous.block !== block) yield { from: node, to: previous, weight: 0, claim: null };
  }
}

/** The steps to a block from others: those of claims, and those from the next day. */
export function* stepsTo<Claim>(block: Block<Claim>): Iterable<Step<Claim>> {
  for (const step of block.into) if (step.from.block !== block) yield step;
  for (const node of block.edge) {
    const { next } = node;
    if (next !== null && next.block !== block) yield { from: next, to: node, weight: 0, claim: null };
  }
}
