import type { Pick } from '../support/random.ts';
import { BINARY, CLOSE, CONTINUATION, type Frame, PING, PONG, TEXT } from '../support/raw-socket.ts';
import { makeJson, makeOperation } from './operations.ts';

const TYPES = [
  'connection_init',
  'subscribe',
  'subscribe',
  'subscribe',
  'complete',
  'ping',
  'pong',
  'next',
  'nonsense',
];
const OPCODES = [TEXT, TEXT, TEXT, TEXT, CONTINUATION, BINARY, CLOSE, PING, PONG, 0x3, 0xf];

/** Few of those that are made up begin. */
const SOUND = [
  'subscription { figureRecorded { cursor } }',
  'subscription { changes { __typename } }',
  'subscription { live { head } }',
];

/** What a client sends on a WebSocket, mostly a beginning as it should be. */
export function makeFrames(pick: Pick): readonly Frame[] {
  const init = textFrame('{"type":"connection_init"}');
  const frames = Array.from({ length: 1 + pick(8) }, () => makeFrame(pick));
  return pick(5) === 0 ? frames : [init, ...frames];
}

function makeFrame(pick: Pick): Frame {
  const message = textFrame(makeMessage(pick));
  if (pick(4) > 0) return message;
  return {
    opcode: OPCODES[pick(OPCODES.length)] ?? TEXT,
    payload:
      pick(2) === 0
        ? message.payload.subarray(0, pick(message.payload.length + 1))
        : Buffer.from([pick(256), pick(256)]),
    isFinal: pick(4) > 0,
    isMasked: pick(20) > 0,
  };
}

function makeMessage(pick: Pick): string {
  const type = TYPES[pick(TYPES.length)];
  const id = pick(10) === 0 ? makeJson(pick) : String(pick(3));
  const isSound = type === 'subscribe' && pick(3) === 0;
  const payload = isSound
    ? { query: SOUND[pick(SOUND.length)] }
    : type === 'subscribe' && pick(10) > 0
      ? {
          query: makeOperation(pick),
          variables: makeJson(pick),
          extensions: pick(4) === 0 ? makeJson(pick) : undefined,
        }
      : makeJson(pick);
  const text = JSON.stringify({ id, type, payload });
  return pick(20) === 0 ? text.slice(0, pick(text.length)) : text;
}

function textFrame(text: string): Frame {
  return { opcode: TEXT, payload: Buffer.from(text) };
}
