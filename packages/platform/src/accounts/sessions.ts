import { type Clock, isOrreryError, type Log, OrreryError, type Random } from "@orrery/core";
import { nothingThere, parentText, type ResourceView } from "@orrery/registry";
import type { AccessClaims, AccessKeys } from "./access-keys.ts";
import type { SessionTokens, SessionView } from "./accounts.ts";
import { ACCESS_MS, KNOWN_TOKENS_MAX, SESSION_IDLE_MS, SESSION_MAX_MS, SESSIONS_MAX } from "./limits.ts";
import type { Step } from "./passwords.ts";
import { isProven, proofOf } from "./system-proof.ts";
import { drawSecret, parseRefreshToken, printRefreshToken, type RefreshToken } from "./token-text.ts";
import type { Users } from "./users.ts";

/** Sessions of users, as resources in them. */
export interface Sessions {
  /** Opens one, together with steps if need be. @throws OrreryError as those */
  open(request: {
    readonly user: string;
    readonly client: string;
    readonly steps?: readonly Step[];
  }): Promise<SessionTokens>;
  /** @throws OrreryError `unauthenticated` */
  refresh(token: string): Promise<SessionTokens>;
  logout(token: string): Promise<void>;
  list(user: string): Promise<readonly SessionView[]>;
  /** Ends sessions of a user: some by their names, or all that were opened before a revision. Gives how many. */
  end(user: string, which: { readonly names?: readonly string[]; readonly before?: number }): Promise<number>;
  /** The user of an access token. @throws OrreryError `unauthenticated`, `permission_denied` where he was removed */
  authenticate(token: string): Promise<string>;
}

/** What sessions are made of. */
export interface SessionsOptions {
  readonly users: Users;
  readonly keys: AccessKeys;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What is kept of the tokens of a session. */
interface Proof {
  /** Of what all refresh tokens of the session have in common: whoever shows it had one. */
  readonly family: string;
  /** Of the newest. */
  readonly refresh: string;
}

/** Makes them. */
export function createSessions(options: SessionsOptions): Sessions {
  const { users, keys, clock, random } = options;
  const { registry, by } = users;
  const now = () => Math.floor(clock.now());
  const verified = createVerifier(keys, now);
  const drop = async (address: string) => {
    await registry.remove({ address }, by).catch(nothingThere);
  };
  const grant = async (address: string, { untilMs, refreshToken }: { untilMs: number; refreshToken: string }) => {
    const user = parentText(address);
    const accessUntilMs = Math.floor(Math.min(untilMs, now() + ACCESS_MS) / 1_000) * 1_000;
    const accessToken = await keys.sign({ user, session: address, untilMs: accessUntilMs }, now());
    const session = address.slice(user.length + 1);
    return { user, session, accessToken, accessUntilMs, refreshToken, refreshUntilMs: untilMs };
  };
  /** The session of a refresh token that was once good. */
  const shown = async (text: string) => {
    const token = parseRefreshToken(text);
    const session = token === undefined ? undefined : await peekAnything(users, token.session);
    if (token === undefined || session === undefined) return undefined;
    const proof = (await users.reveal(session.address, "proof").catch(nothingThere)) as Proof | undefined;
    return isProven(token.family, proof?.family)
      ? { token, session, isNewest: isProven(token.secret, proof?.refresh) }
      : undefined;
  };
  const refresh = createRefresh(options, { shown, drop, grant });
  return {
    open: async ({ user, client, steps = [] }) => {
      await makeRoom(user, options);
      const [family, secret] = [drawSecret(random), drawSecret(random)];
      const address = `${user}:s-${Buffer.from(random.bytes(16)).toString("hex")}`;
      const opened = now();
      const until = opened + SESSION_IDLE_MS;
      const proof = { family: proofOf(family), refresh: proofOf(secret) };
      const properties = { client: client.slice(0, 200), opened, refreshed: opened, until, proof };
      await registry.apply([...steps, { create: { address, kind: "Session", owner: user, properties } }], by);
      return grant(address, { untilMs: until, refreshToken: printRefreshToken({ session: address, family, secret }) });
    },
    refresh,
    logout: async (text) => {
      const found = await shown(text);
      if (found !== undefined) await drop(found.session.address);
    },
    list: async (user) => {
      const all = await users.own(user, "Session");
      return all.filter((one) => Number(one.properties["until"]) > now()).map(viewOf);
    },
    end: async (user, { names, before }) => {
      let count = 0;
      for (const { address, created } of await users.own(user, "Session")) {
        const isMeant = names?.includes(address.slice(user.length + 1)) ?? (before === undefined || created < before);
        if (!isMeant) continue;
        await drop(address);
        count++;
      }
      return count;
    },
    authenticate: async (text) => {
      const claims = await verified(text);
      if (claims === undefined) throw ended("use the access token");
      if ((await users.find(claims.user)) === undefined) throw removed(claims.user);
      const session = await peekAnything(users, claims.session);
      const isOver = session === undefined || Number(session.properties["until"]) <= now();
      if (isOver || parentText(session.address) !== claims.user) throw ended("use the access token");
      return claims.user;
    },
  };
}

/** What a refresh is made of. */
interface RefreshParts {
  shown(
    text: string,
  ): Promise<{ readonly token: RefreshToken; readonly session: ResourceView; readonly isNewest: boolean } | undefined>;
  drop(address: string): Promise<void>;
  grant(address: string, until: { readonly untilMs: number; readonly refreshToken: string }): Promise<SessionTokens>;
}

/** Makes what gives new tokens for the newest of a session, and ends the session for an older one. */
function createRefresh({ users, clock, random, log }: SessionsOptions, { shown, drop, grant }: RefreshParts) {
  const { registry, by } = users;
  const now = () => Math.floor(clock.now());
  return async (text: string): Promise<SessionTokens> => {
    const found = await shown(text);
    if (found === undefined) throw ended("refresh the session");
    const { address, revision, properties } = found.session;
    const [user, at] = [parentText(address), now()];
    const isOver = Number(properties["until"]) <= at || (await users.find(user)) === undefined;
    if (!found.isNewest) log.warn("a refresh token was used twice, its session is ended", { session: address });
    if (isOver || !found.isNewest) {
      await drop(address);
      throw ended("refresh the session");
    }
    const { family } = found.token;
    const secret = drawSecret(random);
    const until = Math.min(at + SESSION_IDLE_MS, Number(properties["opened"]) + SESSION_MAX_MS);
    const proof = { family: proofOf(family), refresh: proofOf(secret) };
    const change = { address, ifRevision: revision, properties: { refreshed: at, until, proof } };
    try {
      await registry.apply([{ change }], by);
    } catch (error) {
      if (!isOrreryError(error) || (error.code !== "aborted" && error.code !== "not_found")) throw error;
      await drop(address); // Two came with one token: nobody knows which of them is the thief.
      throw ended("refresh the session");
    }
    return grant(address, { untilMs: until, refreshToken: printRefreshToken({ session: address, family, secret }) });
  };
}

/** Reads access tokens; of one that was read its signature is not looked at again. */
function createVerifier(keys: AccessKeys, now: () => number) {
  const known = new Map<string, AccessClaims>();
  return async (text: string): Promise<AccessClaims | undefined> => {
    const claims = known.get(text) ?? (await keys.verify(text, now()));
    if (claims === undefined || claims.untilMs <= now() || !keys.has(claims.key, now())) {
      known.delete(text);
      return undefined;
    }
    if (known.size >= KNOWN_TOKENS_MAX) known.delete(known.keys().next().value ?? "");
    known.set(text, claims);
    return claims;
  };
}

/** Ends sessions that are over, and the oldest where a user has as many as fit. */
export async function makeRoom(user: string, { users, clock }: SessionsOptions): Promise<void> {
  const all = [...(await users.own(user, "Session"))].sort((a, b) => a.created - b.created);
  const over = all.filter(({ properties }) => Number(properties["until"]) <= clock.now());
  const lasting = all.filter((one) => !over.includes(one));
  const surplus = lasting.slice(0, Math.max(0, lasting.length + 1 - SESSIONS_MAX));
  for (const { address } of [...over, ...surplus])
    await users.registry.remove({ address }, users.by).catch(nothingThere);
}

/** What somebody says is a session: any text. */
export async function peekAnything(users: Users, address: string): Promise<ResourceView | undefined> {
  return users.peek(address, "Session").catch((error: unknown) => {
    if (isOrreryError(error) && error.code === "invalid_argument") return undefined;
    throw error;
  });
}

function viewOf({ address, properties }: ResourceView): SessionView {
  const { client = "", opened, refreshed, until } = properties;
  const name = address.slice(parentText(address).length + 1);
  return {
    name,
    client: String(client),
    openedMs: Number(opened),
    refreshedMs: Number(refreshed),
    untilMs: Number(until),
  };
}

/** Whose token it is was true when it was signed, and another login would not help. */
function removed(user: string): OrreryError {
  const text = `Cannot do anything as "${user}": that user was removed, ask an owner of the space for an invite`;
  return new OrreryError("permission_denied", text, { details: { user } });
}

/** One error for all that may be wrong, so that nobody learns which. */
function ended(doing: string): OrreryError {
  return new OrreryError("unauthenticated", `Cannot ${doing}: it is not good any more, log in again`);
}
