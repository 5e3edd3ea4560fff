import { createSystemClock, createSystemRandom } from "@orrery/core";
import { type Cage, type CageBounds, type CageSources, openCage } from "./cage.ts";
import { createThreadCell } from "./system-thread-cell.ts";

/** Options of a cage whose mechtrons run in threads. */
export interface CageOptions extends CageBounds, Partial<CageSources> {}

/**
 * Makes a cage: each instance runs in a worker thread of its own, which is terminated when it reaches a limit.
 * @example
 * await using cage = createCage();
 * const mechtron = cage.createMechtron({ name: "greeter", kind: "script", code: await readFile("greeter.js") });
 */
export function createCage(options: CageOptions = {}): Cage {
  const { clock = createSystemClock(), random = createSystemRandom(), ...rest } = options;
  return openCage({ clock, random, ...rest }, { ...rest, createCell: createThreadCell });
}
