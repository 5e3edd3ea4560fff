import { hostname } from "node:os";
import { isOrreryError } from "@orrery/core";
import { createHttpClient } from "@orrery/http";
import { AccountsService } from "@orrery/platform/service";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { environmentPlaces } from "../environments/chosen.ts";
import { type Environment, environmentNamed, readEnvironments } from "../environments/environments.ts";
import { loginOf } from "../environments/session.ts";
import { type Login, writeLogin } from "../environments/token-file.ts";
import { exitCodeOf } from "../exit-code.ts";
import type { Terminal } from "../terminal.ts";

/** An environment to which users log in. */
export interface LoginPlace {
  readonly environment: Environment;
  readonly url: string;
}

/** Finds where to log in: --env, ORRERY_ENV, or the environment in use. @throws CommandError where no user can */
export function loginPlace(input: CommandInput, terminal: Terminal): LoginPlace {
  const environments = readEnvironments(terminal);
  const name = input.text("env") ?? (terminal.env["ORRERY_ENV"] || environments.current);
  const environment = environmentNamed(name, environments);
  const { http: url } = environmentPlaces(environment);
  if (url !== undefined) return { environment, url };
  const text = `Cannot log in to environment "${name}" at "${environment.place}": users log in by HTTP, and that is a node`;
  throw usageError(text, "orrery env add NAME https://HOST --use");
}

/** Refuses to send a password in the clear to another machine. */
export function assertPrivate(url: string, { isInsecure }: { readonly isInsecure: boolean }): void {
  const { protocol, hostname: host } = new URL(url);
  const isHere = host === "localhost" || host === "[::1]" || host.startsWith("127.");
  if (protocol === "https:" || isHere || isInsecure) return;
  throw usageError(
    `Cannot log in at "${url}": everybody on the way could read the password, use https`,
    "--insecure, in a network where nobody listens",
  );
}

/** Logs a user in by a password, and keeps the tokens. @throws CommandError that names environment and user */
export async function signIn(
  { environment, url }: LoginPlace,
  { user, password, timeoutMs }: { readonly user: string; readonly password: string; readonly timeoutMs: number },
  terminal: Terminal,
): Promise<Login> {
  const client = createHttpClient({ url });
  try {
    const request = { user, password, client: `orrery on ${hostname()}` };
    const { tokens, mustSetPassword } = await client.client(AccountsService).login(request, { timeoutMs });
    if (tokens === undefined) throw new CommandError(`Cannot log in at "${url}": it gave no tokens`);
    const login = loginOf(tokens, environment, mustSetPassword);
    writeLogin(environment.name, login, terminal);
    return login;
  } catch (error) {
    throw loginError(error, { environment, url });
  } finally {
    client.close();
  }
}

/** Says of an error about a login where it came about. */
export function loginError(error: unknown, { environment, url }: LoginPlace): unknown {
  if (!isOrreryError(error)) return error;
  const { name } = environment;
  if (error.kind === "unreachable")
    return new CommandError(`Cannot reach environment "${name}" at "${url}": nobody answers there`, {
      exit: EXIT.notFound,
      tip: "orrery env ls, and orrery env use NAME for another",
      cause: error,
    });
  const exit = error.code === "invalid_argument" ? EXIT.usage : exitCodeOf(error);
  return new CommandError(`${error.message} (environment ${name} at ${url})`, { exit, cause: error });
}
