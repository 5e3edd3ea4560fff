import { OrreryError } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import { nothingThere } from "@orrery/registry";
import type { Mailer } from "../mail/mailer.ts";
import { assertAddress } from "../mail/write-mail.ts";
import type { Spaces } from "../spaces/spaces.ts";
import type { Invite, Invites } from "./invites.ts";
import { inviteLetter } from "./letters.ts";
import { INVITE_MS, SPACE_INVITES_MAX } from "./limits.ts";
import { membersRole } from "./signup-hands.ts";

/** Who asks. */
interface Asking {
  readonly agent: string;
}

/** Who comes into a Space, and who leaves. Without a Space it is about Spaces of people's own, which is for operators. */
export interface Members {
  /** Lets somebody in who has an address, and writes him so; again: for longer. @throws OrreryError `permission_denied`, `invalid_argument`, `resource_exhausted` */
  invite(
    wish: { readonly space: string; readonly email: string; readonly isOwn: boolean },
    by: Asking,
  ): Promise<Invite>;
  invites(of: { readonly space: string; readonly isOwn: boolean }, by: Asking): Promise<readonly Invite[]>;
  /** @throws OrreryError `not_found` */
  revoke(wish: { readonly space: string; readonly email: string; readonly isOwn: boolean }, by: Asking): Promise<void>;
  /** Takes away whoever asks. @throws OrreryError `failed_precondition` for an owner of anything */
  leave(by: Asking): Promise<void>;
  /** Deletes a Space with all that it has; gives the registry's revision. @throws OrreryError `permission_denied`, `invalid_argument` where its name is not said twice */
  deleteSpace(wish: { readonly space: string; readonly confirm: string }, by: Asking): Promise<number>;
}

/** Options of `createMembers`. */
export interface MembersOptions {
  readonly invites: Invites;
  readonly spaces: Spaces;
  readonly registry: Pick<Registry, "apply" | "get" | "remove" | "whoami">;
  readonly mailer: Mailer;
  readonly now: () => number;
  /** As whom the registry is asked, an operator. */
  readonly operator: string;
}

/** Makes it. */
export function createMembers(options: MembersOptions): Members {
  const { invites, spaces, registry, mailer, now, operator } = options;
  const enter = async (
    { space, isOwn }: { readonly space: string; readonly isOwn: boolean },
    verb: "read" | "write",
    { agent }: Asking,
  ): Promise<string> => {
    if (!isOwn) return (await spaces.enter({ space, service: "members", verb }, { agent })).space;
    if ((await registry.whoami({ agent })).isOperator) return "";
    const text = `Cannot ${verb} invites to spaces of people's own as "${agent || "anonymous"}": only operators may`;
    throw new OrreryError("permission_denied", text);
  };
  return {
    invite: async ({ email, ...place }, by) => {
      const space = await enter(place, "write", by);
      assertAddress(email);
      const isNew = (await invites.get(space, email)) === undefined;
      if (isNew && space !== "" && (await invites.list(space)).length >= SPACE_INVITES_MAX)
        throw new OrreryError(
          "resource_exhausted",
          `Cannot invite "${email}" to "${space}": ${SPACE_INVITES_MAX} are invited already, revoke one first`,
        );
      const invite: Invite = { space, email, by: by.agent, at: now(), until: now() + INVITE_MS };
      await invites.put(invite);
      await mailer.send(inviteLetter(invite));
      return invite;
    },
    invites: async (place, by) => {
      const space = await enter(place, "read", by);
      return (await invites.list(space)).filter(({ until }) => until > now());
    },
    revoke: async ({ email, ...place }, by) => {
      const space = await enter(place, "write", by);
      if (await invites.drop(space, email)) return;
      const to = space === "" ? "a space of one's own" : `"${space}"`;
      throw new OrreryError("not_found", `Cannot revoke the invite of "${email}" to ${to}: there is none`);
    },
    leave: ({ agent }) => leave(agent, { registry, operator }),
    deleteSpace: async ({ space: said, confirm }, by) => {
      const { space } = await spaces.enter({ space: said, service: "space", verb: "delete" }, by);
      if (confirm !== space)
        throw new OrreryError(
          "invalid_argument",
          `Cannot delete "${space}": "${confirm}" was said to confirm it, say its name`,
        );
      return (await registry.remove({ address: space, recursive: true }, { agent: operator })).revision;
    },
  };
}

/** The user goes as if an owner of the Space had removed him, and has its role no more. */
async function leave(
  agent: string,
  { registry, operator }: Pick<MembersOptions, "registry" | "operator">,
): Promise<void> {
  const by = { agent: operator };
  const peek = (address: string) => registry.get(address, by).catch(nothingThere);
  const user = agent.includes(":") ? await peek(agent) : undefined;
  if (user?.kind !== "User")
    throw new OrreryError("failed_precondition", `Cannot leave as "${agent || "anonymous"}": it is no user of a space`);
  const role = await peek(membersRole(agent.slice(0, agent.indexOf(":"))));
  const members = role?.properties["members"];
  const kept = Array.isArray(members) ? members.filter((one) => one !== agent) : [];
  const isMember = role !== undefined && Array.isArray(members) && kept.length < members.length;
  await registry.apply(
    [
      ...(isMember
        ? [{ change: { address: role.address, properties: { members: kept }, ifRevision: role.revision } }]
        : []),
      { remove: { address: agent, recursive: true } },
    ],
    by,
  );
}
