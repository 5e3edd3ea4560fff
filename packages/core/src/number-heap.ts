/** Numbers of which the smallest is at hand. */
export interface NumberHeap {
  readonly size: number;
  readonly first: number | undefined;
  push(value: number): void;
  /** Removes the smallest. */
  pop(): void;
  /** Replaces all of them. */
  rebuild(values: Iterable<number>): void;
  /** Those up to a limit, smallest first; looks at no others. */
  upTo(limit: number): readonly number[];
}

/** Makes an empty heap: binary, in one array. */
export function createNumberHeap(): NumberHeap {
  let heap: number[] = [];
  return {
    get size() {
      return heap.length;
    },
    get first() {
      return heap[0];
    },
    push(value) {
      heap.push(value);
      rise(heap);
    },
    pop() {
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) sink(heap, last);
    },
    rebuild(values) {
      heap = [...values].sort((a, b) => a - b); // A sorted array is a heap.
    },
    upTo(limit) {
      const found: number[] = [];
      collect(heap, 0, limit, found);
      return found.sort((a, b) => a - b);
    },
  };
}

function rise(heap: number[]): void {
  let at = heap.length - 1;
  const value = heap[at] as number;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as number;
    if (above <= value) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = value;
}

/** Lets a number sink from the top, whose own place is free. */
function sink(heap: number[], value: number): void {
  const { length } = heap;
  let at = 0;
  for (let child = 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && (heap[child + 1] as number) < (heap[child] as number)) child++;
    if ((heap[child] as number) >= value) break;
    heap[at] = heap[child] as number;
    at = child;
  }
  heap[at] = value;
}

/** Below a number that is too large all are. */
function collect(heap: readonly number[], at: number, limit: number, found: number[]): void {
  const value = heap[at];
  if (value === undefined || value > limit) return;
  found.push(value);
  collect(heap, 2 * at + 1, limit, found);
  collect(heap, 2 * at + 2, limit, found);
}
