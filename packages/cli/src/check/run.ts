import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { type CheckedFolder, checkPaths, manifestSchema, printProblem } from "@orrery/mesh/environment";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";

/** Tells what components lack. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  if (input.has("schema")) {
    await terminal.write(`${JSON.stringify(manifestSchema(), undefined, 2)}\n`);
    return EXIT.done;
  }
  const paths = input.words;
  if (paths.length === 0) throw usageError("Cannot check: nothing is named, write a folder", "orrery check .");
  for (const path of paths) {
    if (existsSync(resolve(terminal.cwd, path))) continue;
    throw new CommandError(`Cannot check "${path}": there is no such file or folder in "${terminal.cwd}"`, {
      exit: EXIT.notFound,
    });
  }
  const checked = await checkPaths(paths, { cwd: terminal.cwd });
  const isFine = checked.every(({ report }) => report.problems.length === 0);
  await terminal.write(input.text("output") === "json" ? factsOf(checked, isFine) : listing(checked, terminal.cwd));
  return isFine ? EXIT.done : EXIT.failed;
}

function factsOf(checked: readonly CheckedFolder[], isFine: boolean): string {
  const folders = checked.map(({ folder, report: { problems, warnings } }) => ({ folder, problems, warnings }));
  return `${JSON.stringify({ fine: isFine, folders })}\n`;
}

function listing(checked: readonly CheckedFolder[], cwd: string): string {
  if (checked.length === 0) return "Nothing is asked for: there is no component.yaml\n";
  const lines = checked.flatMap(({ folder, report: { problems, warnings } }) => [
    `${relative(cwd, folder) || "."}: ${howMany(problems.length)}`,
    ...problems.map((problem) => `  ${printProblem(problem)}`),
    ...warnings.map((warning) => `  (not needed to start) ${printProblem(warning)}`),
  ]);
  return `${lines.join("\n")}\n`;
}

function howMany(count: number): string {
  if (count === 0) return "all is there";
  return count === 1 ? "1 thing is missing" : `${count} things are missing`;
}
