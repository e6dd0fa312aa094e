import { defineConfig } from 'vite';

/** The charts, and what they are drawn with: loaded when the first chart is near. */
const CHARTS =
  /node_modules\/(@observablehq\/plot|d3|d3-[a-z-]+|internmap|delaunator|robust-predicates|isoformat|interval-tree-1d|binary-search-bounds)\//;

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing is inlined, so that a strict content security policy suffices.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'charts', test: CHARTS }] } },
    },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: { proxy: { '/graphql': { target: 'http://localhost:4000', ws: true } } },
});
