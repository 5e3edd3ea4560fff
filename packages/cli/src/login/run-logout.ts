import { isOrreryError } from "@orrery/core";
import { createHttpClient, type HttpClient } from "@orrery/http";
import { AccountsService } from "@orrery/platform/service";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { createAuthorization } from "../environments/session.ts";
import { dropLogin, type Login, readLogin } from "../environments/token-file.ts";
import type { Terminal } from "../terminal.ts";
import { timeoutOf } from "./run-login.ts";
import { type LoginPlace, loginError, loginPlace } from "./sign-in.ts";

/** `orrery logout`: what is kept here goes in any case. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const place = loginPlace(input, terminal);
  const { name } = place.environment;
  const login = readLogin(place.environment, terminal);
  const isJson = input.text("output") === "json";
  if (login === undefined) {
    if (isJson) await terminal.write(`${JSON.stringify({ environment: name, ended: 0 })}\n`);
    else terminal.say(`Nobody is logged in to ${name}`);
    return EXIT.done;
  }
  const timeoutMs = timeoutOf(input);
  const ended = await end(login, { place, terminal, timeoutMs, isAll: input.has("all") });
  if (isJson) await terminal.write(`${JSON.stringify({ environment: name, user: login.user, ended })}\n`);
  else await terminal.write(`Logged ${login.user} out of ${name}${ended > 1 ? `, ended ${ended} sessions` : ""}\n`);
  return EXIT.done;
}

interface Ending {
  readonly place: LoginPlace;
  readonly terminal: Terminal;
  readonly timeoutMs: number;
  /** Whether all sessions of the user end. */
  readonly isAll: boolean;
}

/** Ends the session; gives how many ended. Where nobody answers, it lasts there, and its tokens are gone here. */
async function end(login: Login, { place, terminal, timeoutMs, isAll }: Ending): Promise<number> {
  const { environment, url } = place;
  const authorization = createAuthorization({ environment, url, terminal, timeoutMs });
  const client: HttpClient = createHttpClient(isAll ? { url, authorization } : { url });
  const accounts = client.client(AccountsService);
  try {
    if (isAll) {
      const { ended } = await accounts.revokeSessions({ user: login.user }, { timeoutMs });
      dropLogin(environment.name, terminal);
      return ended;
    }
    await accounts.logout({ refreshToken: login.refreshToken }, { timeoutMs });
    return 1;
  } catch (error) {
    if (isAll || !isOrreryError(error) || error.kind !== "unreachable") throw loginError(error, place);
    const until = new Date(login.refreshUntilMs).toISOString();
    terminal.say(`Nobody answers at ${url}: the session lasts there until ${until}, or until it is revoked`);
    return 0;
  } finally {
    client.close();
    if (!isAll) dropLogin(environment.name, terminal);
  }
}
