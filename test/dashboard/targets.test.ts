import { expect, test } from 'vitest';
import { byYear, chosenOf, standingsOf, type VERDICTS } from '../../dashboard/src/targets/groups.ts';

const NIO_QUARTER = target('nio-inc', 'MET', { period: '2025-Q4', kind: 'GUIDANCE' });
const NIO_YEAR = target('nio-inc', 'MISSED', { period: '2025' });
const NIO_GROWTH = target('nio-inc', 'AHEAD', { setOn: '2025-12' });
const NIO_STATIONS = target('nio-inc', 'NO_DATA', { deadline: '2030-12-31' });
const LEAPMOTOR = target('leapmotor', 'MET', { period: '2025', revises: { id: 'before' } });
const WISH = target('leapmotor', 'UNDETERMINED', {});
const ALL = [NIO_QUARTER, NIO_YEAR, NIO_GROWTH, NIO_STATIONS, LEAPMOTOR, WISH];

test('targets stand by the year in which they end, the newest first, and by their verdict', () => {
  expect(byYear(ALL)).toEqual([
    { year: 2030, verdicts: [{ verdict: 'NO_DATA', targets: [NIO_STATIONS] }] },
    { year: 2026, verdicts: [{ verdict: 'AHEAD', targets: [NIO_GROWTH] }] },
    {
      year: 2025,
      verdicts: [
        { verdict: 'MET', targets: [NIO_QUARTER, LEAPMOTOR] },
        { verdict: 'MISSED', targets: [NIO_YEAR] },
      ],
    },
    { year: null, verdicts: [{ verdict: 'UNDETERMINED', targets: [WISH] }] },
  ]);
});

test('a period over a turn of the year belongs to the year of its end', () => {
  expect(byYear([target('aito', 'NO_DATA', { period: '2026-01-13/2028-01-13' })])[0]?.year).toBe(2028);
});

test('it is counted how many targets each has met, missed and revised', () => {
  expect(standingsOf(ALL)).toEqual([
    { subject: NIO_YEAR.subject, met: 1, missed: 1, running: 1, open: 1, revised: 0 },
    { subject: LEAPMOTOR.subject, met: 1, missed: 0, running: 0, open: 1, revised: 1 },
  ]);
});

test('choices of a maker, a kind and a verdict hold together', () => {
  const none = { maker: null, kind: null, verdict: null };
  expect(chosenOf(ALL, none)).toEqual(ALL);
  expect(chosenOf(ALL, { ...none, maker: 'leapmotor' })).toEqual([LEAPMOTOR, WISH]);
  expect(chosenOf(ALL, { ...none, verdict: 'MET', kind: 'GUIDANCE' })).toEqual([NIO_QUARTER]);
  expect(chosenOf(ALL, { maker: 'leapmotor', verdict: 'MISSED', kind: null })).toEqual([]);
});

function target(
  slug: string,
  verdict: (typeof VERDICTS)[number],
  given: { period?: string; deadline?: string; setOn?: string; kind?: string; revises?: unknown },
) {
  const { period = null, deadline = null, setOn = null, kind = 'TARGET', revises = null } = given;
  return { kind, period, deadline, setOn, revises, subject: { id: slug, slug }, progress: { verdict } };
}
