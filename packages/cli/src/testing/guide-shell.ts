import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** A block of commands of a guide. */
export interface GuideBlock {
  readonly line: number;
  readonly commands: string;
}

/** The blocks of commands of a guide, such as `market`. */
export function guideBlocks(name: string): readonly GuideBlock[] {
  const page = readFileSync(join(ROOT, "docs/guide", `${name}.md`), "utf8");
  return [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map((found) => ({
    line: page.slice(0, found.index).split("\n").length + 1,
    commands: found[1] ?? "",
  }));
}

/** Where what a guide says is typed: a folder, which is the home of whoever types, and `orrery` of this checkout. */
export function guideShell(cwd: string): { readonly cwd: string; readonly env: NodeJS.ProcessEnv } {
  const { NODE_TEST_CONTEXT: _, npm_execpath: __, ...own } = process.env;
  const path = [dirname(process.execPath), join(ROOT, "node_modules/.bin"), own["PATH"]].join(delimiter);
  return { cwd, env: { ...own, PATH: path, HOME: cwd, NODE_OPTIONS: "--conditions=source" } };
}

/** Types lines into a shell, and gives what they print. @throws with what went wrong */
export async function typeInto(shell: ReturnType<typeof guideShell>, lines: string): Promise<string> {
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", lines], shell);
  return stdout;
}
