import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { present } from '../../src/required.ts';
import type { Product } from './product.ts';
import { until } from './wait.ts';

/** In a process of its own, so that what an attack costs the attacker does not count. Prints its times at the end of its input. */
const PROGRAM = `
  const [url] = process.argv.slice(1);
  const times = [];
  let isOver = false;
  process.stdin.on('end', () => (isOver = true)).resume();
  for (let round = 0; !isOver; round += 1) {
    const began = performance.now();
    const query = '{ a' + round + ': brand(slug: "nio") { name } }';
    const response = await fetch(url + '?query=' + encodeURIComponent(query), { signal: AbortSignal.timeout(30_000) });
    if (!(await response.text()).includes('"data"')) throw new Error('It got ' + response.status);
    times.push(performance.now() - began);
    if (round === 0) console.log('begun');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ answers: times.length, p99Ms: times[Math.floor(times.length * 0.99)] }));
`;

/** Another client, that goes on asking something small that it has not asked before. */
export interface Canary {
  /** Resolves with the time that 99 of 100 answers took at most, in milliseconds, and how many there were. */
  stop(): Promise<{ readonly p99Ms: number; readonly answers: number }>;
}

/** Starts to ask; resolves with its first answer. */
export async function watch({ url }: Pick<Product, 'url'>): Promise<Canary> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, `${url}/graphql`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await until('another client is answered', () => printed !== '');
  return {
    stop: async () => {
      child.stdin.end();
      await once(child, 'close');
      return JSON.parse(present(printed.trim().split('\n').at(-1)));
    },
  };
}
