/** First-in, first-out queue whose every step takes constant time. The owner bounds it. */
export interface Fifo<T> {
  readonly size: number;
  /** The item that is next; undefined for none. */
  readonly first: T | undefined;
  push(item: T): void;
  shift(): T | undefined;
  /** Keeps only what passes, in order, and gives back how many went. */
  keep(passes: (item: T) => boolean): number;
  [Symbol.iterator](): Iterator<T>;
}

/** Below this many taken items the array is left as it is; above, it is cut once half of it is spent. */
const SPENT_MIN = 64;

/** Makes an empty queue. */
export function createFifo<T>(): Fifo<T> {
  return new ArrayFifo<T>();
}

class ArrayFifo<T> implements Fifo<T> {
  #items: (T | undefined)[] = [];
  #first = 0;

  get size(): number {
    return this.#items.length - this.#first;
  }

  get first(): T | undefined {
    return this.#items[this.#first];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.#first === this.#items.length) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first++] = undefined;
    if (this.#first === this.#items.length) {
      this.#items.length = 0;
      this.#first = 0;
    } else if (this.#first >= SPENT_MIN && this.#first * 2 >= this.#items.length) {
      this.#items.splice(0, this.#first);
      this.#first = 0;
    }
    return item;
  }

  keep(passes: (item: T) => boolean): number {
    const before = this.size;
    this.#items = (this.#items.slice(this.#first) as T[]).filter(passes);
    this.#first = 0;
    return before - this.size;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = this.#first; i < this.#items.length; i++) yield this.#items[i] as T;
  }
}
