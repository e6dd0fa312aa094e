import { loadavg } from 'node:os';

/** What one run took of this process, in milliseconds. */
export interface Taken {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Runs the work once, and measures the user and system time of all threads of this process, and the time that passes. */
export async function measure(work: () => unknown): Promise<Taken> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1_000, wallMs: performance.now() - startedAt };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Three digits are enough for what varies by a tenth; counts are exact. */
export function shown(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** A number beside what it has to be. */
export function against(value: number, target: number | null): string {
  if (target === null) return shown(value);
  return `${shown(value)} (at most ${target}${value > target ? ': missed' : ''})`;
}

/** The load of the machine, for the titles of tables. */
export function load(): string {
  return `a load of ${(loadavg()[0] ?? 0).toFixed(1)}`;
}
