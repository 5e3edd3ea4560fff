import type { OrreryError } from "@orrery/core";
import type { Port } from "@orrery/core/internal";

/** What is on its way, or waits for one. */
export interface Waiting {
  /** Whoever sent it gave it up, or is gone. */
  giveUp(error: OrreryError): void;
}

/** What came to a gateway and has not ended, by the way it came and the id that it had there. */
export class Departures {
  readonly #byPort = new Map<Port, Map<number, Waiting>>();

  /** A message that comes twice is on its way twice; whoever sent it speaks of the last. */
  add(port: Port, id: number, one: Waiting): void {
    const known = this.#byPort.get(port) ?? new Map<number, Waiting>();
    this.#byPort.set(port, known.set(id, one));
  }

  remove(port: Port, id: number, one: Waiting): void {
    const known = this.#byPort.get(port);
    if (known?.get(id) !== one) return;
    known.delete(id);
    if (known.size === 0) this.#byPort.delete(port);
  }

  find(port: Port, id: number): Waiting | undefined {
    return this.#byPort.get(port)?.get(id);
  }

  /** All that came through a port. */
  from(port: Port): readonly Waiting[] {
    return [...(this.#byPort.get(port)?.values() ?? [])];
  }
}
