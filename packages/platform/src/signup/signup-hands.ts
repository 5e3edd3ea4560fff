import type { Registry, ResourceView } from "@orrery/registry";
import { nothingThere } from "@orrery/registry";
import { NOT_SERVED } from "../billing/billing-hands.ts";
import type { SignupHands } from "./signups.ts";

type WriteStep = Parameters<Registry["apply"]>[0][number];

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
    const found = await registry.get(space, by).catch(nothingThere);
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
    join: async ({ signup, space, user, hash }) => {
      const address = `${space}:users:${user}`;
      const there = await madeFor(address, signup);
      if (there !== undefined) return there.created;
      await registry.get(space, by); // It may be gone since the invite.
      const role = await registry.get(membersRole(space), by).catch(nothingThere);
      const labels = { [LABEL]: labelOf(signup) };
      await registry.apply(
        [
          { create: { address: `${space}:users`, kind: "UserBase", strategy: "ensure" } },
          { create: { address, kind: "User", labels } },
          {
            create: {
              address: `${address}:password`,
              kind: "Password",
              owner: address,
              properties: { hash, once: false },
            },
          },
          ...(role === undefined ? newRole(space, address) : [withMember(role, address)]),
        ],
        by,
      );
      return (await registry.get(address, by)).created;
    },
    part: async ({ signup, space, user }) => {
      const found = await madeFor(`${space}:users:${user}`, signup);
      if (found !== undefined)
        await registry.remove({ address: found.address, recursive: true }, by).catch(nothingThere);
    },
    unmake: async ({ signup, space }) => {
      const found = await madeFor(space, signup);
      if (found !== undefined) await registry.remove({ address: space, recursive: true }, by).catch(nothingThere);
    },
  };
}

/** The role of all who joined a Space: what is granted to it they may. */
export function membersRole(space: string): string {
  return `${space}:members`;
}

/** Who joined sees the Space and its apps; its owner grants more, or takes this away. */
function newRole(space: string, member: string): readonly WriteStep[] {
  const to = membersRole(space);
  const grant = (name: string, verbs: string, on: string): WriteStep => {
    return { create: { address: `${space}:${name}`, kind: "Grant", properties: { to, verbs, on } } };
  };
  return [
    { create: { address: to, kind: "Role", properties: { members: [member] } } },
    grant("members-see-it", "sr", space),
    grant("members-see-apps", "sr", `${space}:*<App>`),
  ];
}

function withMember({ address, revision, properties }: ResourceView, member: string): WriteStep {
  const members = Array.isArray(properties["members"]) ? properties["members"] : [];
  return { change: { address, ifRevision: revision, properties: { members: [...members, member] } } };
}

function labelOf(signup: string): string {
  return signup.slice(0, LABEL_LENGTH);
}
