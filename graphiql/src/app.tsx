import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './style.css';
import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN, HistoryStore } from '@graphiql/plugin-history';
import { GraphiQLProvider } from '@graphiql/react';
import { GraphiQL, GraphiQLInterface } from 'graphiql';
import { takeOperation } from './address.ts';
import { Bar } from './bar.tsx';
import { thoseThatFit } from './example.ts';
import { EXAMPLES } from './examples.ts';
import { fetcher } from './fetcher.ts';

const PLUGINS = [DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN];

const asked = takeOperation();
const firstTabs = thoseThatFit(innerWidth, EXAMPLES).map(({ query }) => ({ query }));

/** GraphiQL below a bar of our own. The tabs of an earlier visit come first; an operation in the address opens one more. */
export function App() {
  return (
    <GraphiQLProvider
      fetcher={fetcher}
      plugins={PLUGINS}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      defaultTabs={asked === null ? firstTabs : [asked, ...firstTabs]}
      {...(asked === null ? {} : { initialQuery: asked.query, initialVariables: asked.variables })}
    >
      <HistoryStore>
        <DocExplorerStore>
          <Bar />
          <main>
            <GraphiQLInterface showPersistHeadersSettings={false}>
              <GraphiQL.Logo>{null}</GraphiQL.Logo>
            </GraphiQLInterface>
          </main>
        </DocExplorerStore>
      </HistoryStore>
    </GraphiQLProvider>
  );
}
