import './embed.css';
import type { ComponentChildren } from 'preact';
import { messages } from '../i18n/language.ts';
import { addressOf } from '../parts/chart-source.ts';
import { text } from './messages.ts';

interface EmbedProps {
  /** The page that has the same chart. */
  readonly page: string;
  readonly failed: boolean;
  readonly isEmpty: boolean;
  readonly children?: ComponentChildren;
}

/** A chart in another page, with a link to ours. */
export function Embed({ page, failed, isEmpty, children }: EmbedProps) {
  const m = messages.value;
  return (
    <article class="embed">
      <h1 class="hidden">Milepost</h1>
      {failed && <p role="alert">{m.failed}</p>}
      {isEmpty && !failed && (
        <p class="loading" role="status">
          {m.loading}
        </p>
      )}
      {children}
      <p class="origin">
        <a href={addressOf(page)} target="_blank" rel="noopener">
          {text.value.open}
        </a>
      </p>
    </article>
  );
}
