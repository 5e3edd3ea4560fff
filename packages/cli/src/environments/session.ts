import { createSystemClock, isOrreryError } from "@orrery/core";
import { createHttpClient, type HttpClient } from "@orrery/http";
import { lockFolder } from "@orrery/mesh/supervise";
import { AccountsService, type SessionTokensMessage } from "@orrery/platform/service";
import { CommandError, EXIT } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import type { Environment } from "./environments.ts";
import { ACCESS_LEFT_MS, REFRESH_LOOK_MS, REFRESH_WAIT_MS } from "./limits.ts";
import { type Login, readLogin, tokenFolder, writeLogin } from "./token-file.ts";

/** What is needed to speak for whoever is logged in. */
export interface SessionOptions {
  readonly environment: Environment;
  /** Address of its door. */
  readonly url: string;
  readonly terminal: Terminal;
  readonly timeoutMs: number;
}

/** The tokens of a session as they are kept. */
export function loginOf(tokens: SessionTokensMessage, { place }: Environment, mustSetPassword: boolean): Login {
  const { user, accessToken, accessUntilMs, refreshToken, refreshUntilMs } = tokens;
  const until = { accessUntilMs: Number(accessUntilMs), refreshUntilMs: Number(refreshUntilMs) };
  return { place, user, accessToken, refreshToken, ...until, mustSetPassword };
}

/**
 * Tells what to say of who calls, as `createHttpClient` asks for it. An access token that is over, or was refused, is changed for another by the
 * refresh token, which is good once: so one process at a time does it, and the others use what it got.
 */
export function createAuthorization(options: SessionOptions): (refused?: string) => Promise<string | undefined> {
  const { environment, terminal } = options;
  const clock = createSystemClock();
  let refreshing: Promise<Login> | undefined;
  /** A login whose access token is good by the clock, and is not the one that was refused. */
  const good = (refused: string | undefined) => {
    const login = readLogin(environment, terminal);
    if (login === undefined) throw endedError(options);
    const isGood = login.accessUntilMs - ACCESS_LEFT_MS > clock.now() && bearer(login) !== refused;
    return { login, isGood };
  };
  const renew = async (refused: string | undefined) => {
    using _ = await lockTokens(terminal, () => good(refused).isGood);
    const { login, isGood } = good(refused); // Another process may have done it while this one waited.
    return isGood ? login : await refresh(login, options);
  };
  return async (refused) => {
    const { login, isGood } = good(refused);
    if (isGood) return bearer(login);
    refreshing ??= renew(refused).finally(() => {
      refreshing = undefined;
    });
    return bearer(await refreshing);
  };
}

function bearer({ accessToken }: Login): string {
  return `Bearer ${accessToken}`;
}

async function refresh(login: Login, options: SessionOptions): Promise<Login> {
  const { environment, url, terminal, timeoutMs } = options;
  const client: HttpClient = createHttpClient({ url });
  try {
    const { refreshToken } = login;
    const { tokens } = await client.client(AccountsService).refresh({ refreshToken }, { timeoutMs });
    if (tokens === undefined) throw endedError(options, login);
    const next = loginOf(tokens, environment, login.mustSetPassword);
    writeLogin(environment.name, next, terminal);
    return next;
  } catch (error) {
    if (isOrreryError(error) && error.code === "unauthenticated") throw endedError(options, login, error);
    throw error;
  } finally {
    client.close();
  }
}

/** The session is over. What is kept of it stays, so that nobody becomes somebody else by it. */
function endedError({ environment, url }: SessionOptions, login?: Login, cause?: unknown): CommandError {
  const { user = "nobody" } = login ?? {};
  const text = `Cannot use environment "${environment.name}" at "${url}" as "${user}": the session has ended, log in again`;
  return new CommandError(text, { exit: EXIT.refused, tip: tipOf(environment, login), cause });
}

function tipOf({ name }: Environment, login: Login | undefined): string {
  return `orrery login ${login?.user ?? "USER"} --env=${name}`;
}

/** Has the tokens to itself, or nothing where another process has made it needless meanwhile. */
async function lockTokens(terminal: Terminal, isNeedless: () => boolean): Promise<Disposable> {
  const clock = createSystemClock();
  const folder = tokenFolder(terminal);
  const endMs = clock.monotonic() + REFRESH_WAIT_MS;
  for (;;) {
    try {
      return await lockFolder(folder, { purpose: "tokens" });
    } catch (error) {
      if (!isOrreryError(error)) throw error;
      const isFree = error.code === "unimplemented" || isNeedless(); // A machine without locks goes without.
      if (isFree) return { [Symbol.dispose]: () => undefined };
      if (clock.monotonic() >= endMs)
        throw new CommandError(`Cannot use the tokens in "${folder}": another orrery has them, try again`, {
          cause: error,
        });
      await clock.sleep(REFRESH_LOOK_MS);
    }
  }
}
