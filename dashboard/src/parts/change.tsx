import { percent } from '../format/number.ts';

/** A change in percent, coloured by its direction beside its sign. */
export function Change({ of }: { readonly of: number | null | undefined }) {
  return <span class={of == null || of === 0 ? 'quiet' : directionOf(of)}>{percent(of)}</span>;
}

/** The class of what went up or down. */
export function directionOf(change: number): string {
  return change > 0 ? 'up' : 'down';
}
