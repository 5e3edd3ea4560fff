import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkBlockTypes, type TypedBlock } from "../lib/block-types.ts";
import type { Finding } from "../lib/finding.ts";
import { codeBlocks } from "../lib/markdown.ts";
import { listFiles, ROOT, type SourceFile } from "../lib/project.ts";
import { checkLinks } from "./links.ts";

const PAGES = ["*.md", "docs/**/*.md", "packages/*/*.md", "examples/**/*.md", "benchmarks/*.md"];

/**
 * Checks the pages: relative links lead somewhere, `sh` blocks name scripts that exist, and `ts` blocks pass the type
 * checker against the packages as a program beside them would.
 */
export async function checkDocs(): Promise<Finding[]> {
  const pages = listFiles(PAGES).map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
  const scripts = (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object }).scripts;
  const { blocks, findings } = typedBlocks(pages);
  return [
    ...findings,
    ...checkLinks(pages, new Set(listFiles(["**", ".ci/**"]))),
    ...checkScripts(pages, new Set(Object.keys(scripts))),
    ...checkNumbers(pages.map(({ path }) => path)),
    ...(await checkBlockTypes(blocks)),
  ];
}

/**
 * Collects the `ts` blocks of pages. A first line `// file: x.ts` names the file, for a later block of the page to
 * import; ```` ```ts no-check: REASON ```` leaves a block out, and a missing reason is a finding.
 */
export function typedBlocks(pages: readonly SourceFile[]): { blocks: TypedBlock[]; findings: Finding[] } {
  const blocks: TypedBlock[] = [];
  const findings: Finding[] = [];
  for (const page of pages) {
    const names = new Set<string>();
    for (const block of codeBlocks(page.text).filter(({ language }) => language === "ts")) {
      const say = (what: string, mend: string): unknown =>
        findings.push({ file: page.path, line: block.line, what, mend });
      const reason = /^no-check:?\s*(.*)$/.exec(block.info)?.[1];
      const name = /^\/\/ file: (\S+\.ts)\s*$/m.exec(block.text.split("\n")[0] ?? "")?.[1] ?? `line-${block.line}.ts`;
      if (reason === "") say("leaves a block unchecked without a reason", "write ```ts no-check: REASON");
      else if (names.has(name)) say(`shows the file "${name}" twice`, "name each block's file once in a page");
      if (reason === undefined && !names.has(name))
        blocks.push({ page: page.path, line: block.line, name, text: block.text });
      names.add(name);
    }
  }
  return { blocks, findings };
}

/** Checks that each `npm run NAME` of a `sh` block, alone or behind others, is a script of the root's `package.json`. */
export function checkScripts(pages: readonly SourceFile[], scripts: ReadonlySet<string>): Finding[] {
  return pages.flatMap((page) =>
    codeBlocks(page.text)
      .filter(({ language }) => language === "sh")
      .flatMap((block) =>
        block.text.split("\n").flatMap((line, index) =>
          [...line.matchAll(/\bnpm (?:run )?(?:(?<=run )([\w:-]+)|(test|start)\b)/g)]
            .map((match) => match[1] ?? match[2] ?? "")
            .filter((name) => !scripts.has(name))
            .map((name) => ({
              file: page.path,
              line: block.line + index,
              what: `names "npm run ${name}", which package.json has not`,
              mend: `name one of ${[...scripts].join(", ")}`,
            })),
        ),
      ),
  );
}

/** Checks that no two decisions have one number, for others name them by it. */
export function checkNumbers(paths: readonly string[]): Finding[] {
  const taken = new Map<string, string>();
  return paths.flatMap((file) => {
    const number = /^docs\/adr\/(\d{4})-/.exec(file)?.[1];
    if (number === undefined) return [];
    const first = taken.get(number);
    taken.set(number, first ?? file);
    return first === undefined
      ? []
      : [{ file, line: 1, what: `has the number of ${first}`, mend: "take a free number" }];
  });
}
