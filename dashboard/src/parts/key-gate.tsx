import './key-gate.css';
import { useRef } from 'preact/hooks';
import { access, type Refusal } from '../api/access.ts';
import { messages } from '../i18n/language.ts';

/** In the place of a page that the server does not let this browser read: says so, and takes a key. */
export function KeyGate({ refusal }: { readonly refusal: Refusal }) {
  const m = messages.value;
  const field = useRef<HTMLInputElement>(null);
  const enter = (event: Event): void => {
    event.preventDefault();
    const key = field.current?.value.trim() ?? '';
    if (key !== '') access.use(key);
  };
  return (
    <section class="key-gate">
      <h1>{m.keyNeeded}</h1>
      <p role="alert">{m.keyRefusals[refusal]}</p>
      <form onSubmit={enter}>
        <label for="key">{m.key}</label>
        <input ref={field} id="key" type="password" autoComplete="off" spellcheck={false} aria-describedby="key-kept" />
        <button type="submit">{m.keyUse}</button>
      </form>
      <p id="key-kept" class="quiet">
        {m.keyKept}
      </p>
    </section>
  );
}
