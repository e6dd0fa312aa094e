import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { messages } from '../i18n/language.ts';

interface BoundaryProps {
  /** What is shown, such as the page's address: something else is tried anew. */
  readonly of: string;
  readonly children: ComponentChildren;
}

/** Keeps a mistake of ours in one part of the page from taking the rest with it. */
export function Boundary({ of, children }: BoundaryProps) {
  const [error, reset] = useErrorBoundary((mistake) => reportError(mistake));
  useEffect(() => reset(), [of]);
  return error === undefined ? children : <Broken />;
}

/** For what cannot be shown, with the way out: the page is loaded anew. */
export function Broken() {
  const m = messages.value;
  return (
    <p role="alert" class="banner">
      {m.failedPage}{' '}
      <button type="button" onClick={() => location.reload()}>
        {m.again}
      </button>
    </p>
  );
}
