import type { Arrival, OperationMeter, Understood } from '../meters.ts';
import type { NameOperation } from './names.ts';
import type { OperationSpan } from './tracing.ts';

/** The most that a span keeps of a name that a client has chosen. */
const MAX_NAME = 64;

/** What is told of an operation that could not be understood. */
export const UNKNOWN = { type: 'unknown', cost: 0 } as const;

/** Counts an operation that has ended. */
export type EndOperation = (operation: Operation, ...how: Parameters<OperationMeter['ended']>) => void;

/** An operation from its arrival to its end; a class, because there is one for each request. */
export class Operation implements OperationMeter {
  readonly arrival: Arrival;
  readonly span: OperationSpan | null;
  readonly began = performance.now();
  known: Understood | null = null;
  /** The name under which it is counted. */
  counted: string = UNKNOWN.type;
  readonly #nameOf: NameOperation;
  #end: EndOperation | null;

  constructor(arrival: Arrival, span: OperationSpan | null, nameOf: NameOperation, end: EndOperation) {
    this.arrival = arrival;
    this.span = span;
    this.#nameOf = nameOf;
    this.#end = end;
  }

  get requestId(): string {
    return this.arrival.requestId;
  }

  understood(operation: Understood, isOfAnybody: boolean): void {
    this.known = operation;
    const { name, type, cost } = operation;
    this.counted = this.#nameOf(name, isOfAnybody);
    this.span?.rename(name === null ? type : `${type} ${this.counted}`, {
      'graphql.operation.name': name?.slice(0, MAX_NAME) ?? '',
      'graphql.operation.type': type,
      'milepost.cost': cost,
      'milepost.request_id': this.arrival.requestId,
      'milepost.transport': this.arrival.transport,
    });
  }

  run<T>(work: () => T): T {
    return this.span === null ? work() : this.span.run(work);
  }

  ended(...how: Parameters<OperationMeter['ended']>): void {
    const end = this.#end;
    this.#end = null;
    end?.(this, ...how);
  }
}
