import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Product } from '../support/product.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The examples, by their headings, and what they need to run without a browser. */
const EXAMPLES = [
  { heading: 'From Node', options: [] },
  { heading: 'From a browser', options: ['--experimental-eventsource'] },
] as const;
/** What they print of a figure: what happened to it, subject, metric, period and value. */
const PRINTED = /^RECORDED \S+ DELIVERIES \S+ (\d+)/;

/** A client of the README in a process of its own, as printed except for the address; ended when disposed. */
export interface ReadmeClient extends AsyncDisposable {
  /** The heading of the example. */
  readonly name: string;
  /** The values of the figures that it printed, in that order. */
  readonly values: readonly number[];
}

/** Starts the clients that the README has for figures, at an instance. */
export function startReadmeClients(product: Product): readonly ReadmeClient[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  return EXAMPLES.map(({ heading, options }) => {
    const [, code] = new RegExp(`^### ${heading}$.*?^\`\`\`js$(.*?)^\`\`\`$`, 'ms').exec(readme) ?? [];
    if (code?.includes('localhost:4000') !== true) throw new Error(`The README has no client below "${heading}".`);
    const script = code.replaceAll('localhost:4000', new URL(product.url).host);
    const child = spawn(process.execPath, [...options, '--no-warnings', '--input-type=module', '--eval', script], {
      // The folder of the packages that it imports.
      cwd: ROOT,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const killWithUs = (): void => void child.kill('SIGKILL');
    process.once('exit', killWithUs);
    const values: number[] = [];
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = `${text}${chunk}`.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const [, value] = PRINTED.exec(line) ?? [];
        if (value !== undefined) values.push(Number(value));
      }
    });
    const over = once(child, 'close').finally(() => process.off('exit', killWithUs));
    return {
      name: heading,
      values,
      [Symbol.asyncDispose]: async () => {
        child.kill('SIGKILL');
        await over;
      },
    };
  });
}
