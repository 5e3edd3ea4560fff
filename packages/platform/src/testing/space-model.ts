import { OrreryError } from "@orrery/core";
import type { BillingHands } from "../billing/billing.ts";
import type { NewSpace, SignupHands } from "../signup/signups.ts";

/** A Space as far as bills and signups know it. */
interface ModelSpace {
  readonly number: number;
  readonly signup: string;
  isServed: boolean;
}

/** Spaces in memory, with what bills and signups do to them. */
export interface SpaceModel {
  readonly spaces: ReadonlyMap<string, ModelSpace>;
  /** By which signup somebody came into a Space, by his address. */
  readonly members: ReadonlyMap<string, string>;
  /** Those that a bill removed. */
  readonly removed: ReadonlySet<string>;
  /** What was done that may never be. */
  readonly wrongs: string[];
  readonly hands: Pick<BillingHands, "serve" | "stop" | "plan" | "remove"> & SignupHands;
}

/** Makes it. */
export function createSpaceModel(): SpaceModel {
  const spaces = new Map<string, ModelSpace>();
  const members = new Map<string, string>();
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
  const join = ({ signup, space, user }: NewSpace) => {
    if (!spaces.has(space)) throw new OrreryError("not_found", `Cannot join "${space}": it is not there`);
    const address = `${space}:users:${user}`;
    const found = members.get(address) ?? signup;
    if (found !== signup) throw new OrreryError("already_exists", `Cannot create "${address}": it is there`);
    members.set(address, signup);
    return ++count;
  };
  const part = ({ signup, space, user }: Pick<NewSpace, "signup" | "space" | "user">) => {
    const address = `${space}:users:${user}`;
    if (members.get(address) === signup) members.delete(address);
  };
  const remove = (space: string) => {
    spaces.delete(space);
    removed.add(space);
  };
  return {
    ...{ spaces, members, removed, wrongs },
    hands: {
      serve: async (space) => serve(space),
      stop: async (space) => stop(space),
      plan: async () => undefined,
      remove: async (space) => remove(space),
      make: async (wish) => make(wish),
      join: async (wish) => join(wish),
      part: async (wish) => part(wish),
      unmake: async (wish) => unmake(wish),
    },
  };
}
