/** Slots for calls by the low bits of their id, at first and at most; powers of two. Calls that outlive so many others move to a map. */
const SLOTS_MIN = 16;
const SLOTS_MAX = 4096;

/** What a table keeps: something with an id that never changes. */
interface Identified {
  readonly envelope: { readonly id: number };
}

/**
 * Open calls by id. Ids are given out in order, so that most calls are found in an array without hashing.
 * I1: a call is in its slot or in the map, never in both. The owner bounds the number.
 */
export interface CallTable<T extends Identified> {
  readonly size: number;
  add(call: T): void;
  get(id: number): T | undefined;
  /** Removes a call; false when it is not in. */
  remove(call: T): boolean;
  /** A list of all, oldest first; the table may change while it is gone through. */
  all(): readonly T[];
}

/** Makes an empty table. */
export function createCallTable<T extends Identified>(): CallTable<T> {
  return new SlotTable<T>();
}

class SlotTable<T extends Identified> implements CallTable<T> {
  #slots: (T | undefined)[] = new Array(SLOTS_MIN).fill(undefined);
  readonly #others = new Map<number, T>();
  size = 0;

  add(call: T): void {
    const { id } = call.envelope;
    while (this.#slots[id % this.#slots.length] !== undefined && this.#slots.length < SLOTS_MAX) this.#grow();
    const slot = id % this.#slots.length;
    const before = this.#slots[slot];
    if (before !== undefined) this.#others.set(before.envelope.id, before); // I1
    this.#slots[slot] = call;
    this.size++;
  }

  get(id: number): T | undefined {
    const call = this.#slots[id % this.#slots.length];
    return call !== undefined && call.envelope.id === id ? call : this.#others.get(id);
  }

  remove(call: T): boolean {
    const { id } = call.envelope;
    const slot = id % this.#slots.length;
    if (this.#slots[slot] === call) this.#slots[slot] = undefined;
    else if (this.#others.get(id) === call) this.#others.delete(id);
    else return false;
    this.size--;
    return true;
  }

  /** What stood in different slots still does in twice as many. */
  #grow(): void {
    const before = this.#slots;
    this.#slots = new Array(before.length * 2).fill(undefined);
    for (const call of before) if (call !== undefined) this.#slots[call.envelope.id % this.#slots.length] = call;
  }

  all(): readonly T[] {
    const calls = [...this.#others.values(), ...this.#slots.filter((call) => call !== undefined)];
    return calls.sort((a, b) => a.envelope.id - b.envelope.id);
  }
}
