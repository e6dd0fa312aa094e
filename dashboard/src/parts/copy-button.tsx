import { useEffect, useState } from 'preact/hooks';
import { messages } from '../i18n/language.ts';
import { copyText } from './copy-text.ts';

/** How long it says what became of it, in milliseconds. */
const SAID_FOR = 2_000;

/** Copies a text to the clipboard, and says whether it has. `label`: what the button says, if it is not "Copy". */
export function CopyButton({ text, label }: { readonly text: string; readonly label?: string }) {
  const m = messages.value;
  const [outcome, tell] = useState<'copied' | 'notCopied' | null>(null);
  useEffect(() => {
    if (outcome === null) return undefined;
    const timer = setTimeout(() => tell(null), SAID_FOR);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = ({ currentTarget }: { readonly currentTarget: HTMLElement }): void => {
    copyText(text, currentTarget).then(
      () => tell('copied'),
      () => tell('notCopied'),
    );
  };
  return (
    <button type="button" onClick={copy} aria-live="polite">
      {outcome === null ? (label ?? m.copy) : m[outcome]}
    </button>
  );
}
