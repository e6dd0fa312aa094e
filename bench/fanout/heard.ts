import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

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
