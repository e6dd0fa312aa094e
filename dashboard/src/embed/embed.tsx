import './embed.css';
import type { ComponentChildren } from 'preact';
import type { Read } from '../api/use-live.ts';
import { addressOf } from '../parts/chart-source.ts';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/loading.tsx';
import { text } from './messages.ts';

interface EmbedProps {
  /** The page that has the same chart. */
  readonly page: string;
  readonly read: Read<unknown>;
  readonly children?: ComponentChildren;
}

/** A chart in another page, with a link to ours. */
export function Embed({ page, read, children }: EmbedProps) {
  return (
    <article class="embed">
      <h1 class="hidden">Milepost</h1>
      <Failure reads={[read]} />
      {read.data === null && !read.failed && <Loading />}
      {children}
      <p class="origin">
        <a href={addressOf(page)} target="_blank" rel="noopener">
          {text.value.open}
        </a>
      </p>
    </article>
  );
}
