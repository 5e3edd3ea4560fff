import type { Finding } from "../lib/finding.ts";
import { isTest, type Project, type SourceFile } from "../lib/project.ts";
import { type Node, syntaxOf, walk } from "../lib/syntax.ts";
import { FILE_LINES_MAX, FUNCTION_LINES_MAX } from "../policy.ts";

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/** Checks that source files and functions stay within their limits; tests are not measured. */
export function checkSizes(project: Project): Finding[] {
  return project.files
    .filter((file) => !isTest(file.path))
    .flatMap((file) => [...checkFile(file), ...checkFunctions(file)]);
}

function checkFile(file: SourceFile): Finding[] {
  const lines = file.text.split("\n").length - (file.text.endsWith("\n") ? 1 : 0);
  if (lines <= FILE_LINES_MAX) return [];
  const what = `has ${lines} lines, ${FILE_LINES_MAX} are allowed`;
  return [{ file: file.path, line: 0, what, mend: "find the second concept and move it to a file of its own" }];
}

function checkFunctions(file: SourceFile): Finding[] {
  const { body, lineAt } = syntaxOf(file);
  const findings: Finding[] = [];
  walk(body, (node, parents) => {
    if (!FUNCTIONS.has(node.type)) return true;
    const line = lineAt(node.start);
    const lines = lineAt(node.end - 1) - line + 1;
    if (lines <= FUNCTION_LINES_MAX) return true;
    const what = `${nameOf(node, parents.at(-1))} has ${lines} lines, ${FUNCTION_LINES_MAX} are allowed`;
    findings.push({ file: file.path, line, what, mend: "keep the decisions here and move the computing into leaves" });
    return true;
  });
  return findings;
}

function nameOf(node: Node, parent: Node | undefined): string {
  const id = (node["id"] ?? parent?.["key"] ?? parent?.["id"]) as { name?: string } | null | undefined;
  return id?.name === undefined ? "a function" : `function ${id.name}`;
}
