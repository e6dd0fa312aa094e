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
  readonly #counts = new Map<string, number>();

  constructor(name: string, help: string, labels: readonly string[]) {
    this.name = name;
    this.help = help;
    this.#labels = labels;
  }

  /** Counts one more, with the values of the labels in their order. */
  add(...values: readonly string[]): void {
    const key = values.join(BETWEEN);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  samples(): readonly Sample[] {
    return [...this.#counts].map(([key, value]) => ({ labels: labelled(this.#labels, key), value }));
  }
}

/** How many values were up to each bound, for each combination of labels. */
export class Histogram implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly #labels: readonly string[];
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, { readonly counts: number[]; sum: number }>();

  /** The bounds rise. */
  constructor(name: string, help: string, labels: readonly string[], bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#labels = labels;
    this.#bounds = bounds;
  }

  /** Notes a value, with the values of the labels in their order. */
  note(value: number, ...values: readonly string[]): void {
    const key = values.join(BETWEEN);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { counts: new Array(this.#bounds.length + 1).fill(0), sum: 0 };
      this.#series.set(key, series);
    }
    const { counts } = series;
    let place = 0;
    while (place < this.#bounds.length && value > (this.#bounds[place] as number)) place += 1;
    counts[place] = (counts[place] ?? 0) + 1;
    series.sum += value;
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
