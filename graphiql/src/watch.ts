import type { ExecutionResult } from 'graphql';
import { createClient } from 'graphql-ws';
import type { Headers, Operation } from './operation.ts';
import { PushList } from './push-list.ts';

/** Pushes that come faster are shown together: laying out a hundred of them takes a slow machine as long. */
const SHOWN_EVERY_MS = 250;
const KEEP_ALIVE_MS = 10_000;

interface Sink {
  next(shown: object): void;
  complete(): void;
}

/** Subscribes over a WebSocket of its own, which sends the key as it is now, and shows what was pushed so far as one result. */
export function watch(operation: Operation, { authorization }: Headers) {
  return {
    subscribe({ next, complete }: Sink) {
      const list = new PushList();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const show = (): void => {
        clearTimeout(timer);
        timer = undefined;
        next(list.shown());
      };
      const client = createClient({
        url: new URL('/graphql', location.href.replace(/^http/, 'ws')).href,
        connectionParams: authorization === undefined ? {} : { authorization },
        keepAlive: KEEP_ALIVE_MS,
        on: {
          connected: (_socket, _payload, wasRetry) => {
            if (!wasRetry) return;
            list.back(new Date());
            show();
          },
        },
      });
      const end = (how: object): void => {
        list.end(how);
        show();
        complete();
        void client.dispose();
      };
      const leave = client.subscribe(operation, {
        next: (push) => {
          list.add(push as ExecutionResult, new Date());
          if (list.received === 1) show();
          else timer ??= setTimeout(show, SHOWN_EVERY_MS);
        },
        error: (error) => end(reasonOf(error)),
        complete: () => end({ ended: 'The server has completed the subscription.' }),
      });
      return {
        unsubscribe() {
          clearTimeout(timer);
          leave();
          void client.dispose();
        },
      };
    },
  };
}

/** The errors of the operation, or in words how the connection was lost. */
function reasonOf(error: unknown): object {
  if (Array.isArray(error)) return { errors: error };
  if (error instanceof CloseEvent)
    return { ended: `The connection was closed: ${error.code} ${error.reason}`.trimEnd() };
  return { ended: error instanceof Error ? error.message : 'The connection was lost.' };
}
