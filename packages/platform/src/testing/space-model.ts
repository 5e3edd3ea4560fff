import { OrreryError } from "@orrery/core";
import type { BillingHands } from "../billing/billing.ts";
import type { SignupHands } from "../signup/signups.ts";

/** A Space as far as bills and signups know it. */
interface ModelSpace {
  readonly number: number;
  readonly signup: string;
  isServed: boolean;
}

/** Spaces in memory, with what bills and signups do to them. */
export interface SpaceModel {
  readonly spaces: ReadonlyMap<string, ModelSpace>;
  /** Those that a bill removed. */
  readonly removed: ReadonlySet<string>;
  /** What was done that may never be. */
  readonly wrongs: string[];
  readonly hands: Pick<BillingHands, "serve" | "stop" | "remove"> & SignupHands;
}

/** Makes it; `act` does something, or fails before or after. */
export function createSpaceModel(act: <T>(done: () => T) => Promise<T>): SpaceModel {
  const spaces = new Map<string, ModelSpace>();
  const removed = new Set<string>();
  const wrongs: string[] = [];
  let count = 0;
  const serve = (space: string) => {
    const found = spaces.get(space);
    if (found === undefined) wrongs.push(`"${space}" is to be served, and is not there`);
    else found.isServed = true;
  };
  const stop = (space: string) => {
    const found = spaces.get(space);
    if (found !== undefined) found.isServed = false;
  };
  const make = ({ signup, space }: { readonly signup: string; readonly space: string }) => {
    const found = spaces.get(space) ?? { number: ++count, signup, isServed: false };
    if (found.signup !== signup) throw new OrreryError("already_exists", `Cannot create "${space}": it is there`);
    spaces.set(space, found);
    return found.number;
  };
  const unmake = ({ signup, space }: { readonly signup: string; readonly space: string }) => {
    const found = spaces.get(space);
    if (found?.signup !== signup) return;
    if (found.isServed) wrongs.push(`"${space}" is taken away, and is served`);
    spaces.delete(space);
  };
  const remove = (space: string) => {
    spaces.delete(space);
    removed.add(space);
  };
  return {
    ...{ spaces, removed, wrongs },
    hands: {
      serve: (space) => act(() => serve(space)),
      stop: (space) => act(() => stop(space)),
      remove: (space) => act(() => remove(space)),
      make: (wish) => act(() => make(wish)),
      join: (wish) => act(() => make(wish)),
      part: () => act(() => undefined),
      unmake: (wish) => act(() => unmake(wish)),
    },
  };
}
