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

/** Where blocks are written, from the root: inside, so that they see the packages as programs beside them do. */
const FOLDER = ".orrery/docs";

const CONFIG = {
  extends: "../../tsconfig.dev.json",
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, skipLibCheck: true, moduleDetection: "force" },
  include: ["**/*.ts"],
};

/** Type-checks blocks, each page a folder of its own; findings point into the pages. */
export async function checkBlockTypes(blocks: readonly TypedBlock[], place = FOLDER): Promise<Finding[]> {
  const folder = join(ROOT, place);
  rmSync(folder, { recursive: true, force: true });
  if (blocks.length === 0) return [];
  const files = new Map(blocks.map((block) => [`${place}/${block.page.replace(/\.md$/, "")}/${block.name}`, block]));
  for (const [path, block] of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), block.text);
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(CONFIG));
  const { code, output } = await runCommand(["tsc", "-p", place, "--pretty", "false"]);
  const lines = output.split("\n");
  // Errors in the packages themselves are told by the check of types; only a run that names no line at all is lost.
  if (code !== 0 && !lines.some((line) => TYPE_ERROR.test(line))) {
    return [{ file: place, line: 0, what: "cannot be type-checked", mend: output }];
  }
  return lines.flatMap((line) => fromTypeError(line, files));
}

const TYPE_ERROR = /^(.+?)\((\d+),\d+\): error (.*)$/;

/** Turns one line of the type checker into a finding at the page's line; nothing for lines of another kind. */
export function fromTypeError(line: string, files: ReadonlyMap<string, TypedBlock>): Finding[] {
  const [, path = "", row = "", message = ""] = TYPE_ERROR.exec(line) ?? [];
  const block = files.get(path);
  if (block === undefined) return [];
  const mend = "mend the block, or mark it ```ts no-check: REASON";
  return [{ file: block.page, line: block.line + Number(row) - 1, what: message, mend }];
}
