import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { GraphiQLOptions } from 'graphql-yoga';
import { FAVICON, LOGO } from './logo.ts';

/** Where the key goes, filled in for operations that need one. */
const KEY_HEADER = '{ "Authorization": "Bearer <your key>" }';

/** As a tab is pressed GraphiQL moves it to a place it once had, so that the click misses it. In place it cannot be dragged, but clicked. */
const FIX = '<style>.graphiql-tab { transform: none !important }</style>';

/** GraphiQL's page, with example operations as its first tabs. It is rendered once: it is several megabytes and always the same. It fetches nothing from elsewhere. */
export function createGraphiQLPage(tabs: readonly string[]): () => string {
  let page: string | undefined;
  return () => {
    page ??= renderGraphiQL(graphiqlOptions(tabs)).replace('</head>', () => `${FIX}</head>`);
    return page;
  };
}

function graphiqlOptions(tabs: readonly string[]): GraphiQLOptions {
  return {
    title: 'Milepost',
    logo: LOGO,
    favicon: FAVICON,
    subscriptionsProtocol: 'WS',
    defaultTabs: tabs.map((query) => ({ query, headers: /^mutation\b/m.test(query) ? KEY_HEADER : null })),
    defaultEditorToolsVisibility: 'headers',
    shouldPersistHeaders: false,
  };
}
