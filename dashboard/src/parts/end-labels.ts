/** Moves places on a line apart until each has `room`, as little as possible, between `first` and `last`. In the order in which they were given. */
export function spread(places: readonly number[], room: number, first: number, last: number): readonly number[] {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place);
  const result: number[] = new Array(places.length);
  let least = first;
  for (const one of order) {
    one.place = Math.max(one.place, least);
    least = one.place + room;
  }
  let most = last;
  for (const one of order.toReversed()) {
    one.place = Math.min(one.place, most);
    most = one.place - room;
    result[one.index] = one.place;
  }
  return result;
}
