import type { ComponentChildren } from 'preact';

interface TileProps {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A value with its name above and a note below. The value is the largest thing in it. */
export function Tile({ name, value, children }: TileProps) {
  return (
    <section class="tile" aria-label={name}>
      <h2>{name}</h2>
      <p class="big">{value}</p>
      <div class="quiet">{children}</div>
    </section>
  );
}
