import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Finding } from "../lib/finding.ts";
import { ROOT } from "../lib/project.ts";

const PAGE = "docs/reference/errors.md";

/** Checks that the reference page names every error code and every reason of core's tables. */
export async function checkCodes(): Promise<Finding[]> {
  const core = async (file: string): Promise<Record<string, unknown>> =>
    (await import(pathToFileURL(join(ROOT, "packages/core/src", file)).href)) as Record<string, unknown>;
  const codes = (await core("codes.ts"))["CODES"] as readonly string[];
  const reasons = Object.keys((await core("reasons.ts"))["REASONS"] as object);
  const page = existsSync(join(ROOT, PAGE)) ? readFileSync(join(ROOT, PAGE), "utf8") : "";
  return findUnlisted([...codes, ...reasons], { path: PAGE, text: page });
}

/** Finds the names that a page does not hold as `name` in backticks; one finding names them all. */
export function findUnlisted(names: readonly string[], page: { path: string; text: string }): Finding[] {
  const absent = names.map((name) => `\`${name}\``).filter((name) => !page.text.includes(name));
  if (absent.length === 0) return [];
  return [
    { file: page.path, line: 0, what: `does not list ${absent.join(", ")}`, mend: "add a row for each to the page" },
  ];
}
