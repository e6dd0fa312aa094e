import { text } from './chart-messages.ts';
import { addressOf } from './chart-source.ts';
import { CopyButton } from './copy-button.tsx';

/** Enough for a chart with its title, its names and its source on a phone. */
const HEIGHT = 640;

/** Copies the HTML that shows a chart in another page, at the choice that is in the address. */
export function EmbedButton({ title, name }: { readonly title: string; readonly name: string }) {
  const frame = document.createElement('iframe');
  frame.src = addressOf(`/embed/${name}`);
  frame.title = title;
  frame.width = '100%';
  frame.height = String(HEIGHT);
  frame.loading = 'lazy';
  frame.style.border = '0';
  return <CopyButton text={frame.outerHTML} label={text.value.embed} />;
}
