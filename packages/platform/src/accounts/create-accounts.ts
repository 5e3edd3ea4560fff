import { type Clock, isOrreryError, type Log, OrreryError, type Random } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import type { Oidc } from "../login/oidc.ts";
import type { AccessKeys } from "./access-keys.ts";
import type { Accounts, WebSessions } from "./accounts.ts";
import { type ApiTokens, createApiTokens } from "./api-tokens.ts";
import { createAttempts } from "./attempts.ts";
import { createIssuerLogins } from "./issuer-logins.ts";
import { WRONG_ANSWER_MS } from "./limits.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { assertGoodPassword, assertNoLongPassword, createPasswords } from "./passwords.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createUsers, type Users } from "./users.ts";
import { createWebSessions } from "./web-sessions.ts";

/** What accounts are made of. */
export interface AccountsOptions {
  /** Where users are, and all that is kept of them. */
  readonly registry: Registry;
  /** Signs access tokens. */
  readonly keys: AccessKeys;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
  /** Must be fit for secrets. */
  readonly random: Random;
  readonly log: Log;
  /** An operator, as whom it looks and writes. Default: `operator`. */
  readonly operator?: string;
  /** Where users may log in besides. Default: nowhere. */
  readonly oidc?: Pick<Oidc, "name" | "commands"> | undefined;
}

/** Makes the accounts of a registry. */
export async function createAccounts(options: AccountsOptions): Promise<Accounts> {
  const { registry, operator = "operator", clock, random } = options;
  const users = createUsers(registry, operator);
  const passwords = await createPasswords({ ...options, users });
  const sessions = createSessions({ ...options, users });
  const tokens = createApiTokens({ users, clock, random });
  const attempts = createAttempts(clock);
  /** Takes a try at a password; one that is right is forgotten as a try. */
  const tried = async (user: string, password: string) => {
    const beganMs = clock.monotonic();
    attempts.begin(user);
    const right = await passwords.check(user, password);
    if (right === undefined) {
      await clock.sleep(Math.max(0, beganMs + WRONG_ANSWER_MS - clock.monotonic()));
      throw wrong(user);
    }
    attempts.right(user);
    return right;
  };
  const change = async (user: string, password: string, once: boolean) => {
    const revision = await passwords.set(user, password, { once });
    await sessions.end(user, { before: revision });
  };
  return {
    login: async ({ user: text, password, client = "" }) => {
      assertNoLongPassword(password);
      const user = users.address(text);
      const { isOnce, step } = await tried(user, password);
      try {
        return { ...(await sessions.open({ user, client, steps: [step] })), mustSetPassword: isOnce };
      } catch (error) {
        if (isOrreryError(error) && (error.code === "aborted" || error.code === "not_found")) throw wrong(user);
        throw error; // Not that somebody changed the password, or removed the user, in between.
      }
    },
    web: webOf(createWebSessions({ ...options, users, tried, wrong }), users),
    ...createIssuerLogins({ users, sessions, oidc: options.oidc }),
    refresh: sessions.refresh,
    logout: sessions.logout,
    setPassword: async ({ user: text, password, oldPassword = "" }, by) => {
      const user = users.address(text);
      await users.assertMay("set the password", { user, verb: "write" }, by);
      assertGoodPassword(password, user);
      if (by.agent === user && (await passwords.has(user))) await tried(user, oldPassword);
      await change(user, password, false);
    },
    issueSecret: async (text, by) => {
      const user = users.address(text);
      await users.assertMay("make a secret", { user, verb: "write" }, by);
      if (by.agent === user) {
        const why = "who may set the password of others may make one, or set your own";
        throw new OrreryError("permission_denied", `Cannot make a secret of "${user}" as "${user}": ${why}`);
      }
      const secret = Buffer.from(random.bytes(20)).toString("base64url");
      await change(user, secret, true);
      return secret;
    },
    ...managed({ users, sessions, tokens }),
    authenticate: async (token) => (await tokens.authenticate(token)) ?? (await sessions.authenticate(token)),
  };
}

/** The same with whatever somebody types for a user. */
function webOf(web: WebSessions, users: Users): WebSessions {
  return {
    ...web,
    open: async ({ user, ...request }) => {
      assertNoLongPassword(request.password);
      return web.open({ ...request, user: users.address(user) });
    },
  };
}

/** What of a user is listed, made and ended by himself, and by who may do that with him. */
function managed({ users, sessions, tokens }: { users: Users; sessions: Sessions; tokens: ApiTokens }): Managed {
  return {
    sessions: async (text, by) => {
      const user = users.address(text);
      await users.assertMay("list sessions", { user, verb: "read" }, by);
      return sessions.list(user);
    },
    revokeSessions: async ({ user: text, sessions: names }, by) => {
      const user = users.address(text);
      await users.assertMay("end sessions", { user, verb: "write" }, by);
      return sessions.end(user, names === undefined || names.length === 0 ? {} : { names });
    },
    createToken: async ({ user: text, ...request }, by) => {
      const user = users.address(text);
      await users.assertMay("make a token", { user, verb: "write" }, by);
      return tokens.create({ user, ...request });
    },
    tokens: async (text, by) => {
      const user = users.address(text);
      await users.assertMay("list tokens", { user, verb: "read" }, by);
      return tokens.list(user);
    },
    revokeToken: async ({ user: text, name }, by) => {
      const user = users.address(text);
      await users.assertMay("revoke a token", { user, verb: "write" }, by);
      await tokens.revoke({ user, name });
    },
  };
}

type Managed = Pick<Accounts, "sessions" | "revokeSessions" | "createToken" | "tokens" | "revokeToken">;

/** One text for a user who is not there, and a password that is wrong. */
function wrong(user: string): OrreryError {
  const text = `Cannot log in as "${user}": there is no such user, or the password is another`;
  return new OrreryError("unauthenticated", text, { details: { user } });
}
