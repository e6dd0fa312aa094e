import type { ComponentChildren } from 'preact';

interface ScrollBoxProps {
  /** What is in it, for screen readers. */
  readonly label: string;
  /** Further classes. */
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A box for a table that may be wider than the page: it scrolls sideways, by the keyboard as well. */
export function ScrollBox({ label, class: more, children }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by the keyboard
    <section class={more === undefined ? 'scrolling' : `scrolling ${more}`} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
