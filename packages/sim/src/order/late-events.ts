import type { PlannedEvent } from "./event-queue.ts";
import type { Lane } from "./lane.ts";

/**
 * Owns: the events of each lane that do not run when they are due. I1: those of a lane stand in the order in which they were due, which says
 * nothing of how, or in how many steps, they came to be late. So a run and its tape agree on who waits for whom. A node that goes on after a
 * pause finds all that came due meanwhile due at once.
 */
export interface LateEvents {
  /** Keeps an event until it is removed; harmless when it is kept already, or on no lane. */
  add(event: PlannedEvent): void;
  /** Forgets an event that has run or been cancelled, and gives the first of those that are left on its lane. */
  remove(event: PlannedEvent): PlannedEvent | undefined;
  /** The last of those that were due before an event on its lane: it must not overtake them. */
  before(event: PlannedEvent): PlannedEvent | undefined;
  /** Takes what was due at a node before a tick as due then, and gives the first of each of its lanes. */
  goOn(target: number, tick: number): readonly PlannedEvent[];
}

/** Makes a list of nothing. */
export function createLateEvents(): LateEvents {
  return new LateByLane();
}

class LateByLane implements LateEvents {
  readonly #lanes = new Map<Lane, PlannedEvent[]>();
  /** When nodes went on at which events were late, by event. */
  readonly #wentOn = new WeakMap<PlannedEvent, number>();

  add(event: PlannedEvent): void {
    const { lane } = event;
    if (lane === undefined) return;
    const late = this.#lanes.get(lane);
    if (late === undefined) this.#lanes.set(lane, [event]);
    else {
      const index = this.#placeOf(event, late);
      if (late[index] !== event) late.splice(index, 0, event); // I1
    }
  }

  remove(event: PlannedEvent): PlannedEvent | undefined {
    const late = this.#of(event);
    if (late === undefined) return undefined;
    const index = late.indexOf(event);
    if (index >= 0) late.splice(index, 1);
    if (late.length === 0) this.#lanes.delete(event.lane as Lane);
    return late[0];
  }

  before(event: PlannedEvent): PlannedEvent | undefined {
    const late = this.#of(event);
    return late?.[this.#placeOf(event, late) - 1];
  }

  goOn(target: number, tick: number): readonly PlannedEvent[] {
    const lanes = [...this.#lanes.values()].filter(([first]) => first?.target === target);
    return lanes.flatMap((late) => {
      for (const event of late) if (event.dueTick < tick) this.#wentOn.set(event, tick);
      late.sort((a, b) => this.#compare(a, b)); // I1
      return late.slice(0, 1);
    });
  }

  /** Most worlds have none, and need not look. */
  #of({ lane }: PlannedEvent): PlannedEvent[] | undefined {
    return lane === undefined || this.#lanes.size === 0 ? undefined : this.#lanes.get(lane);
  }

  /** Index of an event in its lane, or where it would stand: most often at the end. */
  #placeOf(event: PlannedEvent, late: readonly PlannedEvent[]): number {
    let index = late.length;
    while (index > 0 && this.#compare(late[index - 1] as PlannedEvent, event) >= 0) index--;
    return index;
  }

  #compare(a: PlannedEvent, b: PlannedEvent): number {
    const dueTick = (event: PlannedEvent) => this.#wentOn.get(event) ?? event.dueTick;
    return dueTick(a) - dueTick(b) || a.origin - b.origin || a.sequence - b.sequence;
  }
}
