import { ExamplesMenu } from './examples-menu.tsx';
import { KeyField } from './key-field.tsx';

/** What belongs to no single tab: the way back, the examples, and the key. */
export function Bar() {
  return (
    <header className="bar">
      <a href="/">Milepost</a>
      <h1>GraphiQL</h1>
      <ExamplesMenu />
      <KeyField />
    </header>
  );
}
