import { keepKey, useKey } from './key.ts';

/** Where the key is entered, once for all tabs. */
export function KeyField() {
  const key = useKey();
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
