import type { Figure } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { type Slot, slotKey } from './slot.ts';

/** All figures ever recorded about the slots, in the order in which they became known. */
export async function readFiguresOf(db: Db, slots: readonly Slot[]): Promise<readonly Figure[]> {
  const distinct = <Key extends keyof Slot>(key: Key) => [...new Set(slots.map((slot) => slot[key]))];
  const figures = await db.figure.findMany({
    where: {
      subjectId: { in: distinct('subjectId') },
      metric: { in: distinct('metric') },
      period: { in: distinct('period') },
    },
    orderBy: [{ knownFrom: 'asc' }, { id: 'asc' }],
  });
  const wanted = new Set(slots.map(slotKey));
  return figures.filter((figure) => wanted.has(slotKey(figure)));
}
