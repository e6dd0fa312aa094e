import type { ComponentChildren, Ref } from 'preact';

interface ScrollBoxProps {
  /** What is in it, for screen readers. */
  readonly label: string;
  /** Where to find it. */
  readonly box?: Ref<HTMLElement>;
  /** Further classes. */
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A box for a table that may be wider than the page: it scrolls sideways, by the keyboard as well. */
export function ScrollBox({ label, box, class: more, children }: ScrollBoxProps) {
  return (
    <section
      ref={box ?? null}
      class={more === undefined ? 'scrolling' : `scrolling ${more}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by the keyboard
      tabIndex={0}
      aria-label={label}
    >
      {children}
    </section>
  );
}
