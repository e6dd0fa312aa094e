import type { ComponentChildren } from 'preact';
import { Link, useLocation } from 'wouter-preact';
import { pageAt } from './address.ts';

/** A link to another page of the dashboard, as of the same day and in the same language. It is marked if it leads to the page that is open. */
export function PageLink({ to, children }: { readonly to: string; readonly children: ComponentChildren }) {
  const [path] = useLocation();
  return (
    <Link href={pageAt(to)} aria-current={to === path ? 'page' : undefined}>
      {children}
    </Link>
  );
}

/** The page of a maker or an alliance. */
export function pathOf({ slug, kind }: { readonly slug: string; readonly kind: string }): string {
  return `/${kind === 'ALLIANCE' ? 'alliances' : 'makers'}/${slug}`;
}
