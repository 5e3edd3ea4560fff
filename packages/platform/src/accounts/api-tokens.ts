import { type Clock, isOrreryError, OrreryError, type Random } from "@orrery/core";
import { nothingThere, parentText, type ResourceView } from "@orrery/registry";
import type { ApiTokenView, Scope } from "./accounts.ts";
import { TOKENS_MAX, USED_EXACT_MS } from "./limits.ts";
import { isProven, proofOf } from "./system-proof.ts";
import { drawSecret, parseApiToken, printApiToken } from "./token-text.ts";
import type { Users } from "./users.ts";

/** Tokens by which programs act for users, as resources in them. */
export interface ApiTokens {
  create(request: {
    readonly user: string;
    readonly name: string;
    readonly scopes: readonly Scope[];
    readonly untilMs?: number;
  }): Promise<{ readonly token: string; readonly agent: string }>;
  list(user: string): Promise<readonly ApiTokenView[]>;
  /** @throws OrreryError `not_found` */
  revoke(request: { readonly user: string; readonly name: string }): Promise<void>;
  /** The agent of a token; `undefined` for what is no token for programs. @throws OrreryError `unauthenticated` */
  authenticate(text: string): Promise<string | undefined>;
}

/** Makes them. */
export function createApiTokens({
  users,
  clock,
  random,
}: {
  readonly users: Users;
  readonly clock: Clock;
  readonly random: Random;
}): ApiTokens {
  const { registry, by } = users;
  const noteUse = async ({ address, properties }: ResourceView) => {
    const used = Math.floor(clock.now());
    if (used - Number(properties["used"] ?? 0) < USED_EXACT_MS) return;
    // Whoever has it locked, or took it away just now, must not keep its holder out for that.
    await registry.apply([{ change: { address, properties: { used } } }], by).catch((error: unknown) => {
      if (!isOrreryError(error)) throw error;
    });
  };
  return {
    create: async ({ user, name, scopes, untilMs }) => {
      if ((await users.own(user, "ApiToken")).length >= TOKENS_MAX) {
        const why = `there are ${TOKENS_MAX} already, revoke one of them first`;
        throw new OrreryError("resource_exhausted", `Cannot make a token of "${user}": ${why}`);
      }
      const secret = drawSecret(random);
      const address = `${user}:${name}`;
      const until = untilMs === undefined ? {} : { until: untilMs };
      const properties = { scopes: scopes.map(({ verbs, on }) => ({ verbs, on })), proof: proofOf(secret), ...until };
      await registry.apply([{ create: { address, kind: "ApiToken", owner: user, properties } }], by);
      return { token: printApiToken({ address, secret }), agent: address };
    },
    list: async (user) => (await users.own(user, "ApiToken")).map(viewOf),
    revoke: async ({ user, name }) => {
      const address = `${user}:${name}`;
      if ((await users.peek(address, "ApiToken")) === undefined)
        throw new OrreryError("not_found", `Cannot revoke "${name}" of "${user}": there is no such token`);
      await registry.remove({ address }, by).catch(nothingThere);
    },
    authenticate: async (text) => {
      if (!text.startsWith("ort_")) return undefined;
      const said = parseApiToken(text);
      const token = said === undefined ? undefined : await peekAnything(users, said.address);
      const proof = token === undefined ? undefined : await users.reveal(token.address, "proof").catch(nothingThere);
      const isRight = said !== undefined && isProven(said.secret, proof);
      const until = token?.properties["until"];
      const isOver = until !== undefined && Number(until) <= clock.now();
      const isThere = token !== undefined && (await users.find(parentText(token.address))) !== undefined;
      if (!isRight || isOver || !isThere) {
        const why = "it is none, has ended or was revoked, make another";
        throw new OrreryError("unauthenticated", `Cannot use the token: ${why}`);
      }
      await noteUse(token);
      return token.address;
    },
  };
}

async function peekAnything(users: Users, address: string): Promise<ResourceView | undefined> {
  return users.peek(address, "ApiToken").catch((error: unknown) => {
    if (isOrreryError(error) && error.code === "invalid_argument") return undefined;
    throw error;
  });
}

function viewOf({ address, properties }: ResourceView): ApiTokenView {
  const { scopes, until, used } = properties;
  return {
    name: address.slice(parentText(address).length + 1),
    scopes: scopes as unknown as readonly Scope[],
    ...(until === undefined ? {} : { untilMs: Number(until) }),
    ...(used === undefined ? {} : { usedMs: Number(used) }),
  };
}
