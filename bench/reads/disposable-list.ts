/** Disposes all that were added. Node 20 has no DisposableStack. */
export class DisposableList<T extends Disposable> implements Disposable {
  readonly all: T[] = [];

  add(one: T): void {
    this.all.push(one);
  }

  [Symbol.dispose](): void {
    for (const one of this.all) one[Symbol.dispose]();
  }
}
