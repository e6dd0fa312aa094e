import { messages } from '../i18n/language.ts';
import { writeAddress } from './address.ts';

interface NarrowedProps {
  /** How many there are, in words. */
  readonly count: string;
  /** That only the newest are shown, in words; null if all are. */
  readonly newest: string | null;
  /** That nothing is like the choice, in words; null if something is. */
  readonly none: string | null;
  /** The names of the choices in the address. */
  readonly choices: readonly string[];
}

/** How much of a list is left by the reader's choices, and the way back to all of it if that is nothing. */
export function Narrowed({ count, newest, none, choices }: NarrowedProps) {
  const showAll = (): void => writeAddress(Object.fromEntries(choices.map((name) => [name, null])));
  return (
    <>
      <p role="status" class="quiet">
        {count}
        {newest !== null && `. ${newest}`}
      </p>
      {none !== null && (
        <p>
          {none}{' '}
          <button type="button" onClick={showAll}>
            {messages.value.showAll}
          </button>
        </p>
      )}
    </>
  );
}
