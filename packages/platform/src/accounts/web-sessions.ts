import { isOrreryError, OrreryError } from "@orrery/core";
import { nothingThere, parentText, type ResourceView } from "@orrery/registry";
import type { WebSession, WebSessions } from "./accounts.ts";
import { KNOWN_TOKENS_MAX, SESSION_IDLE_MS, SESSION_MAX_MS, WEB_NOTE_MS } from "./limits.ts";
import type { RightPassword, Step } from "./passwords.ts";
import { makeRoom, peekAnything, type SessionsOptions } from "./sessions.ts";
import { isProven, proofOf } from "./system-proof.ts";
import { drawSecret, parseWebToken, printWebToken } from "./token-text.ts";

/** What sessions of browsers are made of. */
export interface WebSessionsOptions extends SessionsOptions {
  /** Takes a try at a password. @throws OrreryError as `Accounts.login` */
  readonly tried: (user: string, password: string) => Promise<RightPassword>;
  /** What a wrong login is told. */
  readonly wrong: (user: string) => OrreryError;
}

/** Makes them: resources of kind Session whose proof is of another form, so that neither is taken for the other. */
export function createWebSessions(options: WebSessionsOptions): WebSessions {
  const { users, clock, random, tried, wrong } = options;
  const { registry, by } = users;
  const now = () => Math.floor(clock.now());
  /** What was proven once need not be again, for its session is never made anew: whether that is there is looked at each time. */
  const proven = new Map<string, string>();
  const shown = async (text: string): Promise<ResourceView | undefined> => {
    const said = parseWebToken(text);
    const session = said === undefined ? undefined : await peekAnything(users, said.address);
    if (said === undefined || session === undefined) return undefined;
    if (proven.get(text) === session.address) return session;
    const proof = (await users.reveal(session.address, "proof").catch(nothingThere)) as { web?: unknown } | undefined;
    if (!isProven(said.secret, proof?.web)) return undefined;
    if (proven.size >= KNOWN_TOKENS_MAX) proven.delete(proven.keys().next().value ?? "");
    proven.set(text, session.address);
    return session;
  };
  const note = async ({ address, revision, properties }: ResourceView) => {
    const at = now();
    if (at - Number(properties["refreshed"]) < WEB_NOTE_MS) return;
    const until = Math.min(at + SESSION_IDLE_MS, Number(properties["opened"]) + SESSION_MAX_MS);
    const change = { address, ifRevision: revision, properties: { refreshed: at, until } };
    await registry.apply([{ change }], by).catch((error: unknown) => {
      if (!isOrreryError(error) || (error.code !== "aborted" && error.code !== "not_found")) throw error;
    }); // Else another request has noted it, or the session has just ended.
  };
  const begin = async (user: string, client: string, steps: readonly Step[]): Promise<WebSession> => {
    await makeRoom(user, options);
    const secret = drawSecret(random);
    const address = `${user}:w-${Buffer.from(random.bytes(16)).toString("hex")}`;
    const opened = now();
    const proof = { web: proofOf(secret) };
    const until = opened + SESSION_IDLE_MS;
    const properties = { client: client.slice(0, 200), opened, refreshed: opened, until, proof };
    try {
      await registry.apply([...steps, { create: { address, kind: "Session", owner: user, properties } }], by);
    } catch (error) {
      if (isOrreryError(error) && (error.code === "aborted" || error.code === "not_found")) throw wrong(user);
      throw error; // Else somebody changed the password, or removed the user, in between.
    }
    return { user, text: printWebToken({ address, secret }), lastMs: opened + SESSION_MAX_MS };
  };
  return {
    open: async ({ user, password, client }): Promise<WebSession> => {
      const { isOnce, step } = await tried(user, password);
      if (isOnce) {
        const text = `Cannot log in as "${user}" here: that secret is for one login by command, which sets a password`;
        throw new OrreryError("failed_precondition", text, { details: { user } });
      }
      return begin(user, client, [step]);
    },
    openFor: async ({ user, client }) => {
      if ((await users.find(user)) === undefined) throw wrong(user);
      return begin(user, client, []);
    },
    user: async (text) => {
      const session = await shown(text);
      if (session === undefined || Number(session.properties["until"]) <= now()) return undefined;
      const user = parentText(session.address);
      if ((await users.find(user)) === undefined) return undefined;
      await note(session);
      return user;
    },
    close: async (text) => {
      const session = await shown(text);
      if (session !== undefined) await registry.remove({ address: session.address }, by).catch(nothingThere);
    },
  };
}
