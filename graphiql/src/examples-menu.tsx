import { DropdownMenu, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import type { Example } from './example.ts';
import { EXAMPLES } from './examples.ts';

const GROUPS = [
  ['query', 'Read'],
  ['subscription', 'Watch'],
  ['mutation', 'Write, with a key'],
] as const;

/** All examples. Each opens in a tab of its own; the one of the active tab can be restored once it was changed. */
export function ExamplesMenu() {
  const { open, restore, changed, isReady } = useExamples();
  return (
    <DropdownMenu modal={false}>
      <DropdownMenu.Button className="menu-button" disabled={!isReady}>
        Examples
      </DropdownMenu.Button>
      <DropdownMenu.Content className="examples" collisionPadding={8} align="start">
        {changed !== null && (
          <DropdownMenu.Item onSelect={() => restore(changed)}>Restore {changed.name} in this tab</DropdownMenu.Item>
        )}
        {GROUPS.map(([kind, title]) => [
          <p key={kind} aria-hidden="true">
            {title}
          </p>,
          ...EXAMPLES.filter((example) => example.kind === kind).map((example) => (
            <DropdownMenu.Item key={example.name} onSelect={() => open(example)}>
              <b>{example.name}</b>
              <span>{example.about}</span>
            </DropdownMenu.Item>
          )),
        ])}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}

function useExamples() {
  const { addTab, changeTab } = useGraphiQLActions();
  const { tabs, active, editor } = useGraphiQL(({ tabs, activeTabIndex, queryEditor }) => ({
    tabs,
    active: tabs[activeTabIndex],
    editor: queryEditor,
  }));
  const restore = ({ query }: Example): void => editor?.setValue(query);
  return {
    isReady: editor !== undefined,
    /** The example that the active tab has another text of; null for none. */
    changed: EXAMPLES.find(({ name, query }) => name === active?.operationName && query !== active.query) ?? null,
    restore,
    open: (example: Example): void => {
      const there = tabs.findIndex(({ query }) => query === example.query);
      if (there === -1) {
        addTab();
        restore(example);
      } else changeTab(there);
    },
  };
}
