/** A value of a metric, with its labels. The name is missing if it is the metric's own. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly metricName?: string;
}

/** A metric as it is exposed. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  samples(): readonly Sample[];
}

/** A count that grows. */
export interface Count {
  value: number;
}

/** Cannot be in a value of a label of ours, so that joined values stay distinct. */
const BETWEEN = '\u0000';

/**
 * A number that only grows, for each combination of labels. The client library's own takes ten times as long to count, and is not loaded
 * before somebody asks.
 */
export class Counter implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type = 'counter';
  readonly #labels: readonly string[];
  readonly #counts = new Map<string, Count>();

  constructor(name: string, help: string, labels: readonly string[]) {
    this.name = name;
    this.help = help;
    this.#labels = labels;
  }

  /** The count for values of the labels, in their order; whoever counts often keeps it. */
  of(...values: readonly string[]): Count {
    const key = values.join(BETWEEN);
    let count = this.#counts.get(key);
    if (count === undefined) {
      count = { value: 0 };
      this.#counts.set(key, count);
    }
    return count;
  }

  /** Counts one more. */
  add(...values: readonly string[]): void {
    this.of(...values).value += 1;
  }

  samples(): readonly Sample[] {
    return [...this.#counts].map(([key, { value }]) => ({ labels: labelled(this.#labels, key), value }));
  }
}

/** The values of a histogram for one combination of labels. */
export class Series {
  readonly #bounds: readonly number[];
  /** How many values were between each bound and the one before; the last are above all. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = bounds.map(() => 0);
    this.counts.push(0);
  }

  note(value: number): void {
    let place = 0;
    while (place < this.#bounds.length && value > (this.#bounds[place] as number)) place += 1;
    this.counts[place] = (this.counts[place] ?? 0) + 1;
    this.sum += value;
  }
}

/** How many values were up to each bound, for each combination of labels. */
export class Histogram implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly #labels: readonly string[];
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series>();

  /** The bounds rise. */
  constructor(name: string, help: string, labels: readonly string[], bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#labels = labels;
    this.#bounds = bounds;
  }

  /** The series for values of the labels, in their order; whoever notes often keeps it. */
  of(...values: readonly string[]): Series {
    const key = values.join(BETWEEN);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = new Series(this.#bounds);
      this.#series.set(key, series);
    }
    return series;
  }

  /** Notes a value. */
  note(value: number, ...values: readonly string[]): void {
    this.of(...values).note(value);
  }

  samples(): readonly Sample[] {
    return [...this.#series].flatMap(([key, { counts, sum }]) => {
      const labels = labelled(this.#labels, key);
      let upTo = 0;
      const buckets = counts.map((count, place): Sample => {
        upTo += count;
        const le = String(this.#bounds[place] ?? '+Inf');
        return { metricName: `${this.name}_bucket`, labels: { ...labels, le }, value: upTo };
      });
      return [
        ...buckets,
        { metricName: `${this.name}_sum`, labels, value: sum },
        { metricName: `${this.name}_count`, labels, value: upTo },
      ];
    });
  }
}

/** A metric whose values are read when they are asked for: each with the values of the labels in their order. */
export function readLater(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  labels: readonly string[],
  read: () => Iterable<readonly [value: number, ...labels: readonly string[]]>,
): Metric {
  return {
    name,
    help,
    type,
    samples: () => [...read()].map(([value, ...values]) => ({ labels: labelled(labels, values.join(BETWEEN)), value })),
  };
}

function labelled(names: readonly string[], key: string): Readonly<Record<string, string>> {
  if (names.length === 0) return {};
  const values = key.split(BETWEEN);
  return Object.fromEntries(names.map((name, place) => [name, values[place] ?? '']));
}
