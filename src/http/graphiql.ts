import type { GraphiQLOptions } from 'graphql-yoga';
import { FAVICON, LOGO } from './logo.ts';

/** Template for the headers of operations that need a key. */
const KEY_HEADER = '{ "Authorization": "Bearer <your key>" }';

/** GraphiQL moves a pressed tab to a former place, so that the click misses it. With this fix tabs can be clicked, but not dragged. */
const FIX = '<style>.graphiql-tab { transform: none !important }</style>';

/**
 * GraphiQL's page, with example operations as its first tabs; it loads nothing from other hosts.
 * It has several megabytes and never changes, so it is rendered once. It is loaded only on the first request, because loading takes a
 * quarter of the time of a start.
 */
export function createGraphiQLPage(tabs: readonly string[]): () => Promise<Buffer> {
  let page: Promise<Buffer> | undefined;
  return () => {
    page ??= renderPage(tabs).catch((error: unknown) => {
      // The next request tries again: the files may only have been out of reach for a moment.
      page = undefined;
      throw error;
    });
    return page;
  };
}

async function renderPage(tabs: readonly string[]): Promise<Buffer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return Buffer.from(renderGraphiQL(graphiqlOptions(tabs)).replace('</head>', () => `${FIX}</head>`));
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
