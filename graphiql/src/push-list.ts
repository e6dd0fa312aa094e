import type { ExecutionResult } from 'graphql';

/** More would take the editor too long to lay out. */
const LISTED = 100;

interface Push extends ExecutionResult {
  readonly number: number;
  /** When it arrived, by the clock of this machine. */
  readonly at: string;
}

/** What a subscription has pushed so far: the last hundred, newest first, each with when it arrived. */
export class PushList {
  #received = 0;
  #pushes: readonly Push[] = [];
  #ending: object = {};
  #back: readonly string[] = [];

  get received(): number {
    return this.#received;
  }

  add(push: ExecutionResult, at: Date): void {
    this.#received += 1;
    this.#pushes = [{ number: this.#received, at: timeOf(at), ...push }, ...this.#pushes].slice(0, LISTED);
  }

  /** Says above the pushes that the connection was lost, and when it was back. */
  back(at: Date): void {
    this.#back = [...this.#back, timeOf(at)];
  }

  /** Says above the pushes how the subscription has ended. */
  end(how: object): void {
    this.#ending = how;
  }

  /** As GraphiQL shows it. */
  shown(): object {
    const left = this.#received - this.#pushes.length;
    return {
      received: this.#received,
      ...(left > 0 ? { listed: `the last ${LISTED}, newest first` } : {}),
      ...this.#interruption(),
      ...this.#ending,
      pushes: this.#pushes,
    };
  }

  #interruption(): object {
    if (this.#back.length === 0) return {};
    const times = this.#back.join(', ');
    return {
      interrupted: `The connection was lost, and was back at ${times}. What was pushed in between is not here.`,
    };
  }
}

/** The time of day with milliseconds, as 09:05:07.042. */
function timeOf(date: Date): string {
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0'));
  return `${parts.join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
