/** The value of a key that is known to be there. Throws an Error, which is a fault of ours, if it is not. */
export function required<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error(`There is nothing under ${JSON.stringify(key)}.`);
  return value;
}

/** A value that is known to be there. Throws an Error, which is a fault of ours, if it is not. */
export function present<Value>(value: Value | null | undefined): Value {
  if (value == null) throw new Error('A value that must be there is missing.');
  return value;
}
