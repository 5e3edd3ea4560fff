import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, typed } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { createProject } from "./create-project.ts";

/** Makes a project, and says what to type next. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [name = ""] = input.words;
  const template = input.has("proto") ? "proto" : "json";
  const bringRuntime = terminal.env["ORRERY_MACHINE_NODE"] !== undefined;
  const { folder, files } = await typed(() => createProject({ name, parent: terminal.cwd, template, bringRuntime }));
  if (input.text("output") === "json") {
    await terminal.write(`${JSON.stringify({ folder, files })}\n`);
    return EXIT.done;
  }
  await terminal.write([`Made ${name}`, ...files.map((file) => `  ${file}`), ""].join("\n"));
  terminal.say(["Next:", `  cd ${name}`, "  npm install", "  npm start"].join("\n"));
  return EXIT.done;
}
