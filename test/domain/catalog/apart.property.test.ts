import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apart, type Relatives } from '../../../src/domain/catalog/families.ts';

const MOST = 12;
const id = fc.integer({ min: 1, max: MOST });
const relatives = fc
  .record({
    parents: fc.array(fc.option(id), { minLength: 1, maxLength: MOST }),
    memberships: fc.array(fc.record({ allianceId: id, brandId: id }), { maxLength: 8 }),
  })
  .map(({ parents, memberships }): Relatives => {
    const subjects = parents.map((parentId, index) => ({
      ...{ id: index + 1, slug: `s${index}`, name: '', kind: 'BRAND' as const, brandsComplete: false },
      ...{ firstDeliveryOn: null, launchedOn: null, parentId },
    }));
    const isThere = (one: number): boolean => one <= subjects.length;
    const joined = memberships.filter(({ allianceId, brandId }) => isThere(allianceId) && isThere(brandId));
    return { subjects, memberships: joined.map((one) => ({ ...one, joinedOn: null, leftOn: null })) };
  });

test('families have each subject once, with all that it is linked to and nothing else', () => {
  fc.assert(
    fc.property(relatives, (all) => {
      const families = apart(all);
      const placeOf = new Map(
        families.flatMap(({ subjects }, place) => subjects.map((one) => [one.id, place] as const)),
      );
      expect(families.flatMap(({ subjects }) => subjects.map((one) => one.id)).toSorted(byNumber)).toEqual(
        all.subjects.map((one) => one.id),
      );
      const links = linksIn(all);
      for (const [one, other] of links) expect(placeOf.get(one)).toBe(placeOf.get(other));
      for (const { subjects } of families) expect(reachable(subjects[0]?.id ?? 0, links).size).toBe(subjects.length);
      expect(families.flatMap(({ memberships }) => memberships)).toHaveLength(all.memberships.length);
      for (const { subjects, memberships } of families)
        for (const { allianceId } of memberships) expect(subjects.map((one) => one.id)).toContain(allianceId);
    }),
  );
});

function linksIn({ subjects, memberships }: Relatives): readonly (readonly [number, number])[] {
  const isThere = (one: number | null): one is number => one !== null && one <= subjects.length;
  return [
    ...subjects.flatMap(({ id: part, parentId }) => (isThere(parentId) ? [[part, parentId] as const] : [])),
    ...memberships.map(({ brandId, allianceId }) => [brandId, allianceId] as const),
  ];
}

function reachable(from: number, links: readonly (readonly [number, number])[]): ReadonlySet<number> {
  const found = new Set([from]);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const [one, other] of links) {
      if (found.has(one)) found.add(other);
      if (found.has(other)) found.add(one);
    }
  }
  return found;
}

function byNumber(one: number, other: number): number {
  return one - other;
}
