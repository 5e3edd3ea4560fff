import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { environmentNamed, readEnvironments } from "./environments.ts";
import { readLogin } from "./token-file.ts";

/** `orrery env ls` */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const environments = readEnvironments(terminal);
  const current = environmentNamed(terminal.env["ORRERY_ENV"] || environments.current, environments).name;
  const rows = environments.all.map((one) => ({ ...one, user: readLogin(one, terminal)?.user ?? "" }));
  if (input.text("output") === "json") {
    const told = rows.map(({ name, place, space, user }) => {
      return {
        name,
        place,
        ...(space !== undefined && { space }),
        ...(user !== "" && { user }),
        current: name === current,
      };
    });
    await terminal.write(`${JSON.stringify({ environments: told })}\n`);
    return EXIT.done;
  }
  const lines = rows.map(({ name, place, space = "", user }) => [
    name === current ? "*" : "",
    name,
    place,
    space,
    user,
  ]);
  await terminal.write(`${table([["", "NAME", "PLACE", "SPACE", "USER"], ...lines]).join("\n")}\n`);
  const said = terminal.env["ORRERY_SERVER"] ?? "";
  if (said !== "") terminal.say(`ORRERY_SERVER names ${said}, which commands are about instead`);
  return EXIT.done;
}
