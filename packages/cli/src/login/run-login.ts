import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, usageError } from "../command-error.ts";
import { readLogin } from "../environments/token-file.ts";
import { parseTime } from "../parse-time.ts";
import { SERVER_TIMEOUT_MS } from "../resources/limits.ts";
import type { Terminal } from "../terminal.ts";
import { readPassword } from "./read-password.ts";
import { assertPrivate, loginPlace, signIn } from "./sign-in.ts";

/** `orrery login` */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const place = loginPlace(input, terminal);
  const { environment, url } = place;
  assertPrivate(url, { isInsecure: input.has("insecure") });
  const user = input.words.join(":") || readLogin(environment, terminal)?.user || "";
  if (user === "")
    throw usageError(
      `Cannot log in to environment "${environment.name}": no user is named`,
      "orrery login demo.test:users:ann",
    );
  const prompt = `Password of ${user} in ${environment.name}`;
  const password = await readPassword(terminal, { input, flag: "password-file", prompt });
  const login = await signIn(place, { user, password, timeoutMs: timeoutOf(input) }, terminal);
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
