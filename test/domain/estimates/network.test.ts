import { describe, expect, it } from 'vitest';
import { createNetwork, type Network } from '../../../src/domain/estimates/network.ts';

/** A network of claims that say exactly how much was counted after one day and until another. */
function networkOf(...claims: readonly (readonly [string, number | null, number, number])[]): Network<string> {
  const network = createNetwork<string>();
  for (const [claim, after, through, value] of claims) {
    expect(network.add({ after, through, lower: value, upper: value, claim })).toBeNull();
  }
  return network;
}

describe('without claims', () => {
  it('a count is at least 0, and without an upper bound', () => {
    expect(networkOf().boundsOf(null, 10)).toEqual({ lower: 0, upper: null });
  });
});

describe('a count follows', () => {
  it('from its own claim', () => {
    const network = networkOf(['January', 0, 31, 500]);
    expect(network.boundsOf(0, 31)).toEqual({ lower: 500, upper: 500 });
    expect(network.groundsOf(0, 31)).toEqual({ lowerFrom: ['January'], upperFrom: ['January'] });
  });

  it('from its parts', () => {
    const network = networkOf(['January', 0, 31, 500], ['February', 31, 59, 400], ['March', 59, 90, 600]);
    expect(network.boundsOf(0, 90)).toMatchObject({ lower: 1_500, upper: 1_500 });
    expect(network.groundsOf(0, 90).upperFrom).toEqual(['January', 'February', 'March']);
  });

  it('from the whole less the other parts', () => {
    const network = networkOf(['the quarter', 0, 90, 1_500], ['January', 0, 31, 500], ['March', 59, 90, 600]);
    expect(network.boundsOf(31, 59)).toMatchObject({ lower: 400, upper: 400 });
    expect([...network.groundsOf(31, 59).lowerFrom].sort()).toEqual(['January', 'March', 'the quarter']);
  });

  it('from the difference of two counts to date', () => {
    const network = networkOf(['to June', null, 180, 9_000], ['to July', null, 211, 9_700]);
    expect(network.boundsOf(180, 211)).toMatchObject({ lower: 700, upper: 700 });
  });

  it('from what is known of it as a lower bound, and from what it is a part of as an upper bound', () => {
    const network = networkOf(['January', 0, 31, 500], ['the year', 0, 365, 9_000]);
    expect(network.boundsOf(0, 59)).toMatchObject({ lower: 500, upper: 9_000 });
    expect(network.boundsOf(40, 50)).toEqual({ lower: 0, upper: 8_500 });
    expect(network.groundsOf(40, 50)).toEqual({ lowerFrom: [], upperFrom: ['January', 'the year'] });
    expect(network.boundsOf(null, 400)).toMatchObject({ lower: 9_000, upper: null });
  });
});

describe('a contradiction', () => {
  it('is found between a quarter of 35,000 and its months of 33,000', () => {
    const network = networkOf(['January', 0, 31, 10_000], ['February', 31, 59, 11_000], ['March', 59, 90, 12_000]);
    const quarter = network.add({ after: 0, through: 90, lower: 35_000, upper: 35_000, claim: 'the quarter' });
    expect(quarter?.gap).toBe(2_000);
    expect([...(quarter?.claims ?? [])].sort()).toEqual(['February', 'January', 'March', 'the quarter']);
    expect(network.boundsOf(0, 90)).toMatchObject({ lower: 33_000, upper: 33_000 });
  });

  it('is found between a month of 20,000 and its quarter of 9,000', () => {
    const network = networkOf(['the quarter', 0, 90, 9_000]);
    expect(network.add({ after: 31, through: 59, lower: 20_000, upper: 20_000, claim: 'February' })).toEqual({
      claims: ['the quarter', 'February'],
      gap: 11_000,
    });
  });

  it('is found between counts to date that fall from 33,000 to 30,000', () => {
    const network = networkOf(['to June', null, 180, 33_000]);
    expect(network.add({ after: null, through: 211, lower: 30_000, upper: 30_000, claim: 'to July' })).toEqual({
      claims: ['to June', 'to July'],
      gap: 3_000,
    });
  });

  it('is found between 700 in a period and nothing until its end', () => {
    const network = createNetwork<string>();
    network.add({ after: null, through: 200, lower: null, upper: 0, claim: 'first delivery' });
    expect(network.add({ after: 100, through: 190, lower: 700, upper: 700, claim: 'deliveries' })).toEqual({
      claims: ['first delivery', 'deliveries'],
      gap: 700,
    });
    expect(network.boundsOf(100, 190)).toMatchObject({ lower: 0, upper: 0 });
  });

  it('leaves nothing of its claim, also where only one of its bounds contradicts', () => {
    const network = networkOf(['to June', null, 180, 100]);
    expect(network.add({ after: null, through: 150, lower: 150, upper: 500, claim: 'to May' })?.gap).toBe(50);
    expect(network.boundsOf(null, 150)).toMatchObject({ lower: 0, upper: 100 });
  });

  it('is one of a claim alone where its bounds are reversed', () => {
    expect(createNetwork<string>().add({ after: 0, through: 1, lower: 5, upper: 3, claim: 'reversed' })).toEqual({
      claims: ['reversed'],
      gap: 2,
    });
  });
});
