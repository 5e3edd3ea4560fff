import { hostname } from "node:os";
import { createSystemClock } from "@orrery/core";
import { createHttpClient } from "@orrery/http";
import { createIssuer } from "@orrery/platform/issuer";
import { AccountsService } from "@orrery/platform/service";
import { CommandError, EXIT } from "../command-error.ts";
import { loginOf } from "../environments/session.ts";
import { type Login, writeLogin } from "../environments/token-file.ts";
import type { Terminal } from "../terminal.ts";
import { BROWSER_WAIT_MS } from "./limits.ts";
import { type LoginPlace, loginError } from "./sign-in.ts";
import { openBrowser } from "./system-browser.ts";
import { type Loopback, openLoopback } from "./system-loopback.ts";

/** How somebody logs in by an issuer. */
export interface IssuerLoginOptions {
  readonly timeoutMs: number;
  /** Whether a browser is opened. */
  readonly opensBrowser: boolean;
  /** Port of this machine to which the browser comes back; 0 for any. */
  readonly port: number;
}

/**
 * Logs a user in by the issuer of a platform, in a browser that comes back to this machine: authorization code with PKCE, as RFC 8252 has it for
 * programs that keep no secret. Keeps the tokens of the platform; those of the issuer are kept nowhere.
 * @throws CommandError that names the environment
 */
export async function logInByIssuer(
  place: LoginPlace,
  options: IssuerLoginOptions,
  terminal: Terminal,
): Promise<Login> {
  const { environment, url } = place;
  const { timeoutMs } = options;
  const client = createHttpClient({ url });
  const accounts = client.client(AccountsService);
  using loopback = await openLoopback(options.port);
  try {
    const facts = await accounts.getIssuer({}, { timeoutMs });
    const issuer = createIssuer(facts);
    const { url: page, kept } = await issuer.begin(loopback.address);
    terminal.say(`Log in at ${issuer.name}, in a browser on this machine:\n  ${page}`);
    if (options.opensBrowser) openBrowser(page, terminal);
    const { idToken } = await issuer.finish(await backFrom(loopback, { place, terminal }), kept);
    const request = { idToken, client: `orrery on ${hostname()}` };
    const { tokens } = await accounts.loginByIssuer(request, { timeoutMs });
    if (tokens === undefined) throw new CommandError(`Cannot log in at "${url}": it gave no tokens`);
    const login = loginOf(tokens, environment, false);
    writeLogin(environment.name, login, terminal);
    loopback.tell(`Logged in to ${environment.name} as ${login.user}. This page can be closed.`);
    return login;
  } catch (error) {
    loopback.tell("Not logged in. The terminal says why.");
    throw loginError(error, place);
  } finally {
    client.close();
  }
}

/** Waits for the browser, as long as people may take. */
async function backFrom(
  loopback: Loopback,
  { place, terminal }: { readonly place: LoginPlace; readonly terminal: Terminal },
): Promise<string> {
  const given = Promise.withResolvers<never>();
  const { name } = place.environment;
  const giveUp = (why: string, exit: CommandError["exit"]) =>
    given.reject(new CommandError(`Cannot log in to environment "${name}" at "${place.url}": ${why}`, { exit }));
  const release = terminal.onInterrupt(() => giveUp("it was given up", EXIT.failed));
  const timer = createSystemClock().timer(BROWSER_WAIT_MS, () =>
    giveUp(`no browser came back within ${BROWSER_WAIT_MS / 60_000} minutes`, EXIT.timeout),
  );
  try {
    return await Promise.race([loopback.cameBack, given.promise]);
  } finally {
    timer.cancel();
    release();
  }
}
