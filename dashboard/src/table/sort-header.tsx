import type { ComponentChildren } from 'preact';
import { choices, chooseSort } from './choices.ts';

interface SortHeaderProps {
  readonly by: string;
  /** The name in full, if what is shown is shorter. */
  readonly name?: string;
  readonly children: ComponentChildren;
}

/** The head of a column, by which the table is sorted when it is pressed. */
export function SortHeader({ by, name, children }: SortHeaderProps) {
  const { by: sortedBy, order } = choices.value;
  const isSorted = by === sortedBy;
  const sorted = order === 'asc' ? 'ascending' : 'descending';
  return (
    <th scope="col" class={by === 'maker' ? '' : 'number'} aria-sort={isSorted ? sorted : undefined}>
      <button type="button" class="sort" title={name} onClick={() => chooseSort(by)}>
        {children}
        <span aria-hidden="true" class="arrow">
          {isSorted && (order === 'asc' ? '▲' : '▼')}
        </span>
      </button>
    </th>
  );
}
