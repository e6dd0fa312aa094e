import { setFlagsFromString } from 'node:v8';

/**
 * Tells V8 to optimize WebAssembly later: the embedded database and Prisma's query compiler are WebAssembly. During a start V8 of Node 20
 * spends a third of the CPU on optimizing functions in the background that are hardly used again.
 */
export function optimizeWebAssemblyLate(): void {
  // How much a function runs before it is optimized. This is the default of newer versions of V8, where it changes nothing.
  setFlagsFromString('--wasm-tiering-budget=13000000');
  // One thread at a time optimizes, so that it does not take the CPU from the start. A server that runs long optimizes the same functions
  // a little later.
  setFlagsFromString('--wasm-num-compilation-tasks=1');
  // Functions are compiled when they are first called, and so is their validation, which else reads the whole module at the start.
  setFlagsFromString('--wasm-lazy-validation');
}
