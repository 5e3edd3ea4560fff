import { isOrreryError } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import { NOT_SERVED } from "../billing/billing-hands.ts";
import type { SignupHands } from "./signups.ts";

/** Says of a Space by which signup it was made. */
const LABEL = "signup";
/** Letters of a signup's id that a label has. */
const LABEL_LENGTH = 22;

/**
 * Makes what signups do to the Spaces of a registry. Space, list of users, account and password are one write: all of it is there, or nothing. The
 * account owns the Space, and so may do everything in it.
 */
export function createSignupHands({
  registry,
  agent,
}: {
  readonly registry: Pick<Registry, "apply" | "get" | "remove">;
  /** As whom Spaces are made, an operator. */
  readonly agent: string;
}): SignupHands {
  const by = { agent };
  const madeFor = async (space: string, signup: string) => {
    const found = await registry.get(space, by).catch(unlessGone);
    return found?.labels[LABEL] === labelOf(signup) ? found : undefined;
  };
  return {
    make: async ({ signup, space, user, hash }) => {
      const there = await madeFor(space, signup);
      if (there !== undefined) return there.created;
      const users = `${space}:users`;
      const owner = `${users}:${user}`;
      const labels = { [LABEL]: labelOf(signup) };
      await registry.apply(
        [
          { create: { address: space, kind: "Space", labels, properties: { suspended: NOT_SERVED } } },
          { create: { address: users, kind: "UserBase" } },
          { create: { address: owner, kind: "User", properties: {} } },
          { create: { address: `${owner}:password`, kind: "Password", owner, properties: { hash, once: false } } },
          { change: { address: space, owner } },
        ],
        by,
      );
      return (await registry.get(space, by)).created;
    },
    unmake: async ({ signup, space }) => {
      const found = await madeFor(space, signup);
      if (found !== undefined) await registry.remove({ address: space, recursive: true }, by).catch(unlessGone);
    },
  };
}

function labelOf(signup: string): string {
  return signup.slice(0, LABEL_LENGTH);
}

function unlessGone(error: unknown): undefined {
  if (isOrreryError(error) && error.code === "not_found") return undefined;
  throw error;
}
