import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where the guide stands. */
export const GUIDE = fileURLToPath(new URL("../../../docs/guide/race.md", import.meta.url));

const FOLDER = fileURLToPath(new URL("..", import.meta.url));
const ORRERY = fileURLToPath(new URL("../bin/orrery.js", import.meta.resolve("@orrery/cli")));

/** A command of the guide, and what the guide says that it prints. */
export interface GuideCommand {
  readonly command: string;
  readonly output: string;
}

/** A piece of code of the guide: all of a file, or a part of one. */
export interface GuideCode {
  readonly name: string;
  readonly isWhole: boolean;
  readonly text: string;
}

/** The commands of a guide, in order. */
export function commandsOf(guide: string): readonly GuideCommand[] {
  const found = guide.matchAll(/^```sh\n(.*?)\n```\n\n```text\n(.*?)```$/gms);
  return [...found].map(([, command = "", output = ""]) => ({ command, output }));
}

/** The pieces of code of a guide, in order. */
export function codeOf(guide: string): readonly GuideCode[] {
  const found = guide.matchAll(/^```ts[^\n]*\n\/\/ (file|in): (\S+)\n(.*?)^```$/gms);
  return [...found].map(([, how, name = "", text = ""]) => ({ name, isWhole: how === "file", text }));
}

/** Reads a file of the example. */
export function readExample(name: string): string {
  return readFileSync(new URL(`../${name}`, import.meta.url), "utf8");
}

/** Runs `npx orrery …` in the example, and gives what it prints. */
export function runCommand(command: string): string {
  const [, , ...words] = command.split(" ");
  const { stdout } = spawnSync(process.execPath, ["--conditions=source", ORRERY, ...words], {
    cwd: FOLDER,
    encoding: "utf8",
    timeout: 120_000,
  });
  return stdout;
}
