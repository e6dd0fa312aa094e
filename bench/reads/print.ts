import { groupBy } from '../../src/domain/values/group.ts';
import { load, median, shown } from '../estimates/measure.ts';
import { printTable } from '../fanout/table.ts';
import type { Contestant } from './contestant.ts';
import type { Round } from './load.ts';
import type { Question } from './questions.ts';
import type { SelfTime, Sent } from './settings.ts';

/** The contestant that the others are compared with. */
const COMPARED = 'hand-written';
const SHOWN_FUNCTIONS = 25;
const SHOWN_OF_STATEMENT = 60;

/** What was measured of one contestant and question. */
export interface Measured {
  readonly contestant: Contestant;
  readonly bytes: number;
  readonly statements: number;
  readonly rounds: MeasuredRound[];
}

/** A round, with the CPU time of a request. */
export interface MeasuredRound extends Round {
  readonly serverMs: number;
  readonly databaseMs: number;
}

/** What was sampled while a contestant answered a number of requests, and the statements of one. */
export interface Profile {
  readonly functions: readonly SelfTime[];
  readonly statements: readonly Sent[];
  readonly requests: number;
}

/** Prints the medians of all rounds; the ratio is the median of those within each round. */
export function printQuestion({ name }: Question, all: readonly Measured[]): void {
  const compared = all.find(({ contestant }) => contestant.kind === COMPARED);
  const rows = all.map(({ contestant, bytes, statements, rounds }) => {
    const medianOf = (part: keyof MeasuredRound): number => median(rounds.map((round) => round[part]));
    const rates = rounds.map(({ requestsPerSecond }) => requestsPerSecond);
    const ratios = rates.map((rate, round) => rate / (compared?.rounds[round]?.requestsPerSecond ?? Number.NaN));
    const cpuRatios = rounds.map((one, round) => cpuMs(one) / cpuMs(compared?.rounds[round]));
    return {
      contestant: contestant.kind,
      'requests/s': median(rates).toFixed(0),
      'least to most': `${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)}`,
      '× hand-written': shown(median(ratios)),
      'p50 / p99 (ms)': `${medianOf('p50Ms').toFixed(1)} / ${medianOf('p99Ms').toFixed(1)}`,
      'server CPU (ms)': shown(medianOf('serverMs')),
      'Postgres CPU (ms)': shown(medianOf('databaseMs')),
      'CPU × hand-written': shown(median(cpuRatios)),
      bytes,
      statements,
    };
  });
  printTable(`${name}, with ${load()}`, rows);
}

/** The CPU time of a request in the server and in Postgres together. */
function cpuMs(round: MeasuredRound | undefined): number {
  return round === undefined ? Number.NaN : round.serverMs + round.databaseMs;
}

/** Prints which parts and which functions of the process ran how long, and the statements of one request. */
export function printProfile(title: string, { functions, statements, requests }: Profile): void {
  const total = sumOf(functions);
  const times = (ms: number) => ({
    'ms a request': (ms / requests).toFixed(3),
    'share (%)': ((ms / total) * 100).toFixed(1),
  });
  const parts = [...groupBy(functions, partOf)].map(([part, ofPart]) => ({ part, ms: sumOf(ofPart) }));
  printTable(
    `${title}: ${requests} requests, by part`,
    parts.sort((a, b) => b.ms - a.ms).map(({ part, ms }) => ({ part, ...times(ms) })),
  );
  printTable(
    `${title}: by function, without what it calls`,
    functions
      .slice(0, SHOWN_FUNCTIONS)
      .map(({ name, place, ms }) => ({ function: name === '' ? '(anonymous)' : name, place, ...times(ms) })),
  );
  printTable(
    `${title}: statements of a request`,
    statements.map(({ text, rows }) => ({ statement: shortened(text), rows })),
  );
}

/** The package of a function, or the contestant's own code, or Node and its engine. */
function partOf({ place }: SelfTime): string {
  const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place) ?? [];
  return name ?? (place.startsWith('dist/') ? 'its own code' : 'Node, and the collection of garbage');
}

function sumOf(functions: readonly SelfTime[]): number {
  return functions.reduce((sum, { ms }) => sum + ms, 0);
}

/** What a statement selects, without the long list of its columns. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= SHOWN_OF_STATEMENT) return line;
  const tables = [...new Set([...line.matchAll(/(?:from|join) (?:"public"\.)?"(\w+)"/gi)].map(([, table]) => table))];
  return `${line.slice(0, SHOWN_OF_STATEMENT)}… of ${tables.join(', ')}`;
}
