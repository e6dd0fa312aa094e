import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useRef } from 'react';
import { keepKey, useKey } from './key.ts';

/** How long after a change of the key the schema is asked for again, in milliseconds: a key is typed sign by sign. */
const ASK_AFTER = 500;

/** Where the key is entered, once for all tabs. */
export function KeyField() {
  const key = useKey();
  const hasSchema = useGraphiQL(({ schema }) => schema != null);
  const { introspect } = useGraphiQLActions();
  /** GraphiQL itself has asked with the key that was there when the page was opened. */
  const askedWith = useRef(key);
  useEffect(() => {
    // A server that is read with a key has not shown its schema yet.
    if (hasSchema || key === '' || key === askedWith.current) return undefined;
    const ask = (): void => {
      askedWith.current = key;
      void introspect();
    };
    const timer = setTimeout(ask, ASK_AFTER);
    return () => clearTimeout(timer);
  }, [key, hasSchema, introspect]);
  return (
    <form className="key" onSubmit={(event) => event.preventDefault()}>
      <label htmlFor="key">Key</label>
      <input
        id="key"
        type="password"
        value={key}
        onChange={({ currentTarget }) => keepKey(currentTarget.value.trim())}
        placeholder="to write"
        autoComplete="off"
        spellCheck={false}
        aria-describedby="key-kept"
        title="Sent with every operation of every tab. Kept until this tab of the browser is closed."
      />
      <span id="key-kept" className="unseen">
        Sent with every operation of every tab. Kept until this tab of the browser is closed.
      </span>
    </form>
  );
}
