import type { ComponentChildren } from 'preact';

/** The name of a column. One of numbers is aligned as they are. */
export type Column = string | { readonly number: ComponentChildren };

/** The heads of the columns of a table. The children come behind them. */
export function TableHead({
  columns,
  children,
}: {
  readonly columns: readonly Column[];
  readonly children?: ComponentChildren;
}) {
  return (
    <thead>
      <tr>
        {columns.map((column, index) => (
          <th key={index} scope="col" class={typeof column === 'string' ? '' : 'number'}>
            {typeof column === 'string' ? column : column.number}
          </th>
        ))}
        {children}
      </tr>
    </thead>
  );
}
