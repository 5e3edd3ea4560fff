import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runCommand } from "./command.ts";
import type { Finding } from "./finding.ts";
import { ROOT } from "./project.ts";

/** A block of TypeScript in a page. */
export interface TypedBlock {
  /** Path of the page from the root. */
  readonly page: string;
  /** Line of the page on which the block's first line stands, counted from 1. */
  readonly line: number;
  /** Name of the file that the block is; blocks of one page may import each other by it. */
  readonly name: string;
  readonly text: string;
}

const FOLDER = ".orrery/docs";

const CONFIG = {
  extends: "../../tsconfig.dev.json",
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, skipLibCheck: true, moduleDetection: "force" },
  include: ["**/*.ts"],
};

/** Type-checks blocks, each page a folder of its own below the root; findings point into the pages. */
export async function checkBlockTypes(blocks: readonly TypedBlock[]): Promise<Finding[]> {
  const folder = join(ROOT, FOLDER);
  rmSync(folder, { recursive: true, force: true });
  if (blocks.length === 0) return [];
  const files = new Map(blocks.map((block) => [`${FOLDER}/${block.page.replace(/\.md$/, "")}/${block.name}`, block]));
  for (const [path, block] of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), block.text);
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(CONFIG));
  const { code, output } = await runCommand(["tsc", "-p", FOLDER, "--pretty", "false"]);
  const findings = output.split("\n").flatMap((line) => fromTypeError(line, files));
  if (code === 0 || findings.length > 0) return findings;
  return [{ file: FOLDER, line: 0, what: "the type checker failed outside the blocks", mend: output }];
}

/** Turns one line of the type checker into a finding at the page's line; nothing for lines of another kind. */
export function fromTypeError(line: string, files: ReadonlyMap<string, TypedBlock>): Finding[] {
  const [, path = "", row = "", message = ""] = /^(.+?)\((\d+),\d+\): error (.*)$/.exec(line) ?? [];
  const block = files.get(path);
  if (block === undefined) return [];
  const mend = "mend the block, or mark it ```ts no-check: REASON";
  return [{ file: block.page, line: block.line + Number(row) - 1, what: message, mend }];
}
