/** An event of a toy loop. */
export interface ToyEvent {
  readonly atMicros: number;
  readonly run: () => void;
}

interface NumberedEvent extends ToyEvent {
  readonly sequence: number;
}

/** Events by their time, those of one time in the order in which they were put in. */
export interface EventHeap {
  push(atMicros: number, run: () => void): void;
  pop(): ToyEvent | undefined;
}

/** Makes an empty binary heap of objects, as a textbook has it. */
export function createEventHeap(): EventHeap {
  const heap: NumberedEvent[] = [];
  let sequence = 0;
  return {
    push(atMicros, run) {
      const event = { atMicros, sequence: ++sequence, run };
      let at = heap.push(event) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        const above = heap[parent] as NumberedEvent;
        if (isBefore(above, event)) break;
        heap[at] = above;
        at = parent;
      }
      heap[at] = event;
    },
    pop() {
      const first = heap[0];
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) sink(heap, last);
      return first;
    },
  };
}

function sink(heap: NumberedEvent[], event: NumberedEvent): void {
  const { length } = heap;
  let at = 0;
  for (let child = 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && isBefore(heap[child + 1] as NumberedEvent, heap[child] as NumberedEvent)) child++;
    if (isBefore(event, heap[child] as NumberedEvent)) break;
    heap[at] = heap[child] as NumberedEvent;
    at = child;
  }
  heap[at] = event;
}

function isBefore(a: NumberedEvent, b: NumberedEvent): boolean {
  return a.atMicros < b.atMicros || (a.atMicros === b.atMicros && a.sequence < b.sequence);
}
