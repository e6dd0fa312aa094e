import { vi } from 'vitest';

/** How many dates are read or built while something runs: the work of the calendar, counted and not timed. */
export async function datesWorkedOut(run: () => unknown): Promise<number> {
  const spies = [vi.spyOn(Date, 'parse'), vi.spyOn(Date, 'UTC')];
  try {
    await run();
    return spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
