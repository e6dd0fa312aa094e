import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPostgres } from '../fanout/postgres.ts';
import { printTable, quantile } from '../fanout/table.ts';
import { type Product, startProduct } from './product.ts';

/** By then the engine has compiled what runs for each event. */
const WARM_UP_WRITES = 150;
const WARM_UP_PAUSE_MS = 15;
/** An event that has not arrived by then is counted as missing. */
const LAST_WAIT_MS = 5_000;

const { values } = parseArgs({
  options: {
    one: { type: 'string', default: '10' },
    many: { type: 'string', default: '50' },
    readers: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
  },
});
const seconds = Number(values.seconds);

using postgres = await startPostgres({ track_commit_timestamp: 'on' });
{
  await using product = await startProduct(postgres, 'latency_one');
  await product.open(1);
  for (let count = 0; count < WARM_UP_WRITES; count += 1) {
    await product.writeHere();
    await product.writeThere();
    await sleep(WARM_UP_PAUSE_MS);
  }
  await measure(product, 'over its API', 1, Number(values.one));
  await measure(product, 'another process', 1, Number(values.one));
}
{
  await using product = await startProduct(postgres, 'latency_many');
  await product.open(Number(values.readers));
  for (let count = 0; count < WARM_UP_WRITES; count += 1) {
    await product.writeThere();
    await sleep(WARM_UP_PAUSE_MS);
  }
  await measure(product, 'over its API', Number(values.readers), Number(values.many));
}

/** Writes figures at an even rate, however long each takes, and measures when the readers get them. */
async function measure(
  product: Product,
  writer: 'over its API' | 'another process',
  readers: number,
  rate: number,
): Promise<void> {
  await sleep(1_000);
  await product.latencies();
  const before = await product.received();
  const used = await product.usage();
  const began = performance.now();
  const writing: Promise<boolean>[] = [];
  const count = rate * seconds;
  for (let index = 0; index < count; index += 1) {
    await sleep(Math.max(0, began + (index * 1_000) / rate - performance.now()));
    writing.push(writer === 'over its API' ? product.writeThere() : product.writeHere());
  }
  const refused = (await Promise.all(writing)).filter((isWritten) => !isWritten).length;
  const written = performance.now();
  const wanted = before + (count - refused) * readers;
  while ((await product.received()) < wanted && performance.now() - written < LAST_WAIT_MS) await sleep(20);
  const behind = performance.now() - written;
  const missing = wanted - (await product.received());
  const after = await product.usage();
  const sorted = await product.latencies();
  const wall = performance.now() - began;
  const share = (micros: number): string => `${Math.round(micros / 10 / wall)}`;
  const row = {
    readers,
    'writes a second': rate,
    writer,
    refused,
    'p50 (ms)': quantile(sorted, 0.5).toFixed(1),
    'p99 (ms)': quantile(sorted, 0.99).toFixed(1),
    'longest (ms)': (sorted.at(-1) ?? Number.NaN).toFixed(1),
    'all there after the last write (ms)': missing > 0 ? `${missing} missing` : behind.toFixed(0),
    'CPU of server / readers (%)': `${share(after.server - used.server)} / ${share(after.readers - used.readers)}`,
  };
  printTable('From commit to receipt', [row]);
}
