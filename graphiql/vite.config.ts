import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: '/graphiql/',
  build: {
    outDir: '../dist/graphiql',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing is inlined, so that a strict content security policy suffices.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Monaco is one large part whatever is done.
    chunkSizeWarningLimit: 4_000,
  },
  worker: { format: 'es' },
  server: { proxy: { '/graphql': { target: 'http://localhost:4000', ws: true } } },
});
