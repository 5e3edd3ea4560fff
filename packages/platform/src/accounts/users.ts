import { OrreryError } from "@orrery/core";
import {
  listPages,
  nothingThere,
  parseAddress,
  printAddress,
  type Registry,
  type ResourceView,
} from "@orrery/registry";
import type { Asking, UserVerb } from "./accounts.ts";

/** Looks at users and what lies in them, as an operator. */
export interface Users {
  readonly registry: Registry;
  /** As whom everything is looked at and written. */
  readonly by: Asking;
  /** The address of a user as it is kept. @throws OrreryError `invalid_argument` */
  address(text: string): string;
  /** A user who is there and may act. */
  find(address: string): Promise<ResourceView | undefined>;
  /** What is at an address, of a kind. */
  peek(address: string, kind: string): Promise<ResourceView | undefined>;
  /** All of a kind that a user has. */
  own(user: string, kind: string): Promise<readonly ResourceView[]>;
  reveal(address: string, property: string): Promise<unknown>;
  /**
   * Sees to it that whoever asks is the user, or may do so much with him. A token for programs never may: it cannot make itself more than it is.
   * @throws OrreryError `permission_denied`, `not_found`
   */
  assertMay(doing: string, on: { readonly user: string; readonly verb: UserVerb }, by: Asking): Promise<void>;
}

/** Makes what looks at the users of a registry. */
export function createUsers(registry: Registry, operator: string): Users {
  const by = { agent: operator };
  const peek = async (address: string, kind: string) => {
    const found = await registry.get(address, by).catch(nothingThere);
    return found?.kind === kind ? found : undefined;
  };
  const find = async (address: string) => {
    const user = await peek(address, "User");
    return user?.status.state === "Ready" ? user : undefined;
  };
  return {
    registry,
    by,
    peek,
    find,
    address: (text) => {
      const address = parseAddress(text);
      if (address.authority === undefined) return printAddress(address);
      throw new OrreryError("invalid_argument", `Cannot use "${text}" as a user: it is of another network, ask there`);
    },
    own: async (user, kind) => {
      const found: ResourceView[] = [];
      for await (const { resources } of listPages(registry, `${user}:*<${kind}>`, by)) found.push(...resources);
      return found;
    },
    reveal: (address, property) => registry.reveal({ address, property }, by),
    assertMay: async (doing, { user, verb }, { agent }) => {
      const failing = `Cannot ${doing} of "${user}" as "${agent === "" ? "anonymous" : agent}"`;
      if (agent.includes(":") && (await peek(agent, "ApiToken")) !== undefined)
        throw new OrreryError("permission_denied", `${failing}: tokens for programs may not, log in as a user`);
      const isSelf = agent === user && (await find(user)) !== undefined;
      if (isSelf) return;
      const { allowed, why } = await registry.can({ agent, verb, address: user }, by);
      if (!allowed)
        throw new OrreryError("permission_denied", `${failing}: ${why}`, { details: { agent, verb, address: user } });
      if ((await find(user)) === undefined)
        throw new OrreryError("not_found", `${failing}: there is no such user`, { details: { address: user } });
    },
  };
}
