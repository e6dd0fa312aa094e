import { Window } from 'happy-dom';
import type { ReactNode } from 'react';

/** What React looks for in a browser. */
const GLOBALS = ['window', 'document', 'navigator'] as const;

/** A page in a browser without a picture. */
export interface Screen extends AsyncDisposable {
  /** What it shows now, one text for each element. */
  readonly texts: () => readonly string[];
  press(label: string): void;
}

/** Shows it on a page of its own. One at a time: until it is disposed, this process looks like a browser to React. */
export async function show(node: ReactNode): Promise<Screen> {
  const window = new Window();
  const before = GLOBALS.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  for (const name of GLOBALS) {
    Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: window[name] });
  }
  // Only now, because it looks for a browser when it is loaded.
  const { createRoot } = await import('react-dom/client');
  const container = window.document.createElement('main');
  window.document.body.append(container);
  const root = createRoot(container as unknown as Element);
  root.render(node);
  return {
    texts: () => [...container.querySelectorAll('li, p')].map((element) => element.textContent),
    press: (label) => {
      const button = [...container.querySelectorAll('button')].find(({ textContent }) => textContent === label);
      if (button === undefined) throw new Error(`There is no button "${label}".`);
      button.click();
    },
    [Symbol.asyncDispose]: async () => {
      root.unmount();
      // React unmounts its effects a moment later.
      await new Promise((resolve) => setTimeout(resolve, 20));
      await window.happyDOM.close();
      for (const [name, descriptor] of before) {
        if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
        else Object.defineProperty(globalThis, name, descriptor);
      }
    },
  };
}
