import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, usageError } from "../command-error.ts";
import { type Login, readLogin } from "../environments/token-file.ts";
import { parsePort } from "../parse-port.ts";
import { parseTime } from "../parse-time.ts";
import { SERVER_TIMEOUT_MS } from "../resources/limits.ts";
import type { Terminal } from "../terminal.ts";
import { readPassword } from "./read-password.ts";
import { assertPrivate, type LoginPlace, loginPlace, signIn } from "./sign-in.ts";

/** `orrery login` */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const place = loginPlace(input, terminal);
  const { environment, url } = place;
  assertPrivate(url, { isInsecure: input.has("insecure") });
  if (input.has("oidc")) return await tell(await byIssuer(input, place, terminal), { place, input, terminal });
  const user = input.words.join(":") || readLogin(environment, terminal)?.user || "";
  if (user === "")
    throw usageError(
      `Cannot log in to environment "${environment.name}": no user is named`,
      "orrery login demo.test:users:ann",
    );
  const prompt = `Password of ${user} in ${environment.name}`;
  const password = await readPassword(terminal, { input, flag: "password-file", prompt });
  const login = await signIn(place, { user, password, timeoutMs: timeoutOf(input) }, terminal);
  return await tell(login, { place, input, terminal });
}

/** Logs in by the issuer of the platform, which knows who somebody is. */
async function byIssuer(input: CommandInput, place: LoginPlace, terminal: Terminal): Promise<Login> {
  if (input.words.length > 0)
    throw usageError(
      `Cannot log in by an issuer as "${input.words.join(":")}": the issuer says who you are, name nobody`,
    );
  const { logInByIssuer } = await import("./issuer-login.ts"); // What asks an issuer is more than the rest of the command.
  const port = input.text("browser-port");
  const opensBrowser = terminal.isInteractive && !input.has("no-browser");
  const options = { opensBrowser, port: port === undefined ? 0 : parsePort(port, "browser-port") };
  return await logInByIssuer(place, { ...options, timeoutMs: timeoutOf(input) }, terminal);
}

interface Telling {
  readonly place: LoginPlace;
  readonly input: CommandInput;
  readonly terminal: Terminal;
}

async function tell(login: Login, { place, input, terminal }: Telling): Promise<ExitCode> {
  const { environment, url } = place;
  const until = new Date(login.refreshUntilMs).toISOString();
  const { mustSetPassword } = login;
  if (input.text("output") === "json") {
    const facts = {
      environment: environment.name,
      url,
      user: login.user,
      until: login.refreshUntilMs,
      mustSetPassword,
    };
    await terminal.write(`${JSON.stringify(facts)}\n`);
    return EXIT.done;
  }
  await terminal.write(`Logged in to ${environment.name} as ${login.user}, until ${until} where it is not used\n`);
  if (mustSetPassword) terminal.say("The secret was good for this login alone");
  terminal.say(`Next: ${mustSetPassword ? "orrery user password" : "orrery whoami"}`);
  return EXIT.done;
}

/** How long an answer may take. */
export function timeoutOf(input: CommandInput): number {
  const timeout = input.text("timeout");
  return timeout === undefined ? SERVER_TIMEOUT_MS : parseTime(timeout, "timeout");
}
