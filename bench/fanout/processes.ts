import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../src/root.ts';

/** Starts a part of the benchmark as a process of its own, with these flags of Node. */
export function startPart(part: string, args: readonly string[], flags: readonly string[] = []): ChildProcess {
  return fork(fileURLToPath(new URL(`dist/bench-${part}.js`, ROOT)), args, { execArgv: ['--expose-gc', ...flags] });
}

/** The next message of a type; an error when the process ends before. */
export async function heard<Message extends { readonly type: string }, Type extends Message['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<Message, { readonly type: Type }>> {
  const ended = new AbortController();
  const exit = once(child, 'exit', { signal: ended.signal }).then(() => {
    throw new Error('A process of the benchmark has ended.');
  });
  try {
    for (;;) {
      const [message] = (await Promise.race([once(child, 'message', { signal: ended.signal }), exit])) as [Message];
      if (message.type === type) return message as Extract<Message, { readonly type: Type }>;
    }
  } finally {
    exit.catch(() => undefined);
    ended.abort();
  }
}
