import { useState } from 'preact/hooks';
import { messages } from '../i18n/language.ts';

/** How long it says that it has copied, in milliseconds. */
const SAID_FOR = 2_000;

/** Copies a text to the clipboard, and says so. `label`: what the button says, if it is not "Copy". */
export function CopyButton({ text, label }: { readonly text: string; readonly label?: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), SAID_FOR);
  };
  return (
    <button type="button" onClick={() => void copy()} aria-live="polite">
      {isCopied ? messages.value.copied : (label ?? messages.value.copy)}
    </button>
  );
}
