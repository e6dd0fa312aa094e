import { parseArgs } from 'node:util';
import { measureCosts } from './costs.ts';
import { measurePaused } from './paused.ts';
import { startPostgres } from './postgres.ts';
import { KINDS } from './settings.ts';
import { measureStalled } from './stalled.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    contestants: { type: 'string', default: KINDS.join() },
    sockets: { type: 'string', default: '1000,5000' },
    events: { type: 'string', default: '100' },
    pause: { type: 'string', default: '100' },
    transport: { type: 'string', default: 'WebSocket' },
    size: { type: 'string', default: 'small' },
    stalled: { type: 'string', default: '10000' },
    paused: { type: 'string', default: '60000' },
  },
});

process.env.MILEPOST_BENCH_EVENTS = values.size;
using postgres = await startPostgres();
const wanted = (part: string): boolean => values.only === undefined || values.only === part;
if (wanted('costs'))
  for (const sockets of values.sockets.split(',').map(Number))
    await measureCosts(postgres, {
      kinds: KINDS.filter((kind) => values.contestants.split(',').includes(kind)),
      sockets,
      events: Number(values.events),
      pauseMs: Number(values.pause),
      transport: values.transport === 'SSE' ? 'SSE' : 'WebSocket',
    });
if (wanted('stalled')) await measureStalled(postgres, Number(values.stalled));
if (wanted('paused')) await measurePaused(postgres, Number(values.paused));
