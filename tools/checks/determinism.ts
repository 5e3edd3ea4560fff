import type { Finding } from "../lib/finding.ts";
import { importsOf } from "../lib/imports.ts";
import { isTest, manifestOf, type Project, type SourceFile } from "../lib/project.ts";
import { isNode, type Node, syntaxOf, walk } from "../lib/syntax.ts";
import {
  BROWSER_PACKAGES,
  NODE_GLOBALS,
  SYSTEM_GLOBALS,
  SYSTEM_MEMBERS,
  SYSTEM_MODULES,
  SYSTEM_SOURCES,
} from "../policy.ts";

const WHERE = "; only system sources may touch it (SYSTEM_SOURCES in tools/policy.ts)";

/** Checks that only system sources touch the machine's clock, timers, randomness, process and sockets. */
export function checkDeterminism(project: Project): Finding[] {
  return project.files.flatMap((file) => {
    const name = manifestOf(project, file.path)?.name.replace("@orrery/", "") ?? "";
    const forBrowser = BROWSER_PACKAGES.includes(name) && !isTest(file.path);
    const free = SYSTEM_SOURCES.some((source) => source.files.test(file.path));
    return [...(free ? [] : checkModules(file)), ...checkGlobals(file, { free, forBrowser })];
  });
}

function checkModules(file: SourceFile): Finding[] {
  return importsOf(file)
    .filter((item) => SYSTEM_MODULES.has(item.specifier) && !item.typeOnly)
    .map((item) => ({
      file: file.path,
      line: item.line,
      what: `imports "${item.specifier}"`,
      mend: `take what it gives as an option${WHERE}`,
    }));
}

function checkGlobals(file: SourceFile, rules: { free: boolean; forBrowser: boolean }): Finding[] {
  const { body, lineAt } = syntaxOf(file);
  const own = declaredNames(body);
  const findings: Finding[] = [];
  walk(body, (node, parents) => {
    if (isTypeSyntax(node)) return false;
    const use = globalUse(node, parents, own);
    if (use === undefined) return true;
    const mend = mendFor(use, rules);
    if (mend !== undefined) findings.push({ file: file.path, line: lineAt(node.start), what: `uses ${use}`, mend });
    return true;
  });
  return findings;
}

function mendFor(use: string, rules: { free: boolean; forBrowser: boolean }): string | undefined {
  if (rules.forBrowser && NODE_GLOBALS.has(use)) return "this package runs in a browser: use a web standard";
  if (rules.free) return undefined;
  const mend = use === "new Date()" ? "use the clock's now" : (SYSTEM_GLOBALS.get(use) ?? SYSTEM_MEMBERS.get(use));
  return mend === undefined ? undefined : `${mend}${WHERE}`;
}

/** Names the global that a node uses: "setTimeout", "Date.now", "new Date()"; undefined for anything else. */
function globalUse(node: Node, parents: readonly Node[], own: ReadonlySet<string>): string | undefined {
  if (node.type === "MemberExpression") return memberUse(node, own);
  const callee = node["callee"];
  if ((node.type === "NewExpression" || node.type === "CallExpression") && isName(callee, "Date") && !own.has("Date")) {
    return node.type === "CallExpression" || (node["arguments"] as unknown[]).length === 0 ? "new Date()" : undefined;
  }
  if (node.type !== "Identifier" || own.has(String(node["name"])) || isLabel(node, parents.at(-1))) return undefined;
  return String(node["name"]);
}

function memberUse(node: Node, own: ReadonlySet<string>): string | undefined {
  const property = memberName(node);
  const object = node["object"] as Node;
  const inside = object.type === "MemberExpression" ? globalMember(object) : undefined;
  if (inside !== undefined) return SYSTEM_MEMBERS.has(`${inside}.${property}`) ? `${inside}.${property}` : undefined;
  if (isName(object, "globalThis") || isName(object, "self") || isName(object, "window")) return property;
  const path = `${String(object["name"])}.${property}`;
  return object.type === "Identifier" && !own.has(String(object["name"])) && SYSTEM_MEMBERS.has(path)
    ? path
    : undefined;
}

/** The `Date` of `globalThis.Date`. */
function globalMember(node: Node): string | undefined {
  return isName(node["object"], "globalThis") ? memberName(node) : undefined;
}

function memberName(node: Node): string {
  const property = node["property"] as Node;
  return String(property["name"] ?? property["value"]);
}

function isName(node: unknown, name: string): boolean {
  return isNode(node) && node.type === "Identifier" && node["name"] === name;
}

/** True when an identifier only labels a property or a member, as `process` in `{ process: 1 }` and `x.process`. */
function isLabel(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined || parent["computed"] === true) return false;
  if (parent.type === "MemberExpression") return parent["property"] === node;
  if (parent["key"] === node) return true;
  return parent.type.startsWith("Export") || parent.type.startsWith("Import") || parent.type === "MetaProperty";
}

const VALUES_IN_TYPES = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSInstantiationExpression",
]);

/** Types name no running thing; expressions with a type beside them do. */
function isTypeSyntax(node: Node): boolean {
  return (node.type.startsWith("TS") && !VALUES_IN_TYPES.has(node.type)) || node["declare"] === true;
}

/** Names that the file itself declares anywhere, so that they are no globals in it. */
function declaredNames(body: readonly Node[]): Set<string> {
  const names = new Set<string>();
  const add = (pattern: unknown): void => {
    if (!isNode(pattern)) return;
    if (pattern.type === "Identifier") names.add(String(pattern["name"]));
    else if (pattern.type === "Property") add(pattern["value"]);
    else if (pattern.type === "AssignmentPattern") add(pattern["left"]);
    else
      for (const part of [pattern["argument"], ...list(pattern["properties"]), ...list(pattern["elements"])]) add(part);
  };
  walk(body, (node) => {
    if (isTypeSyntax(node)) return false;
    if (node.type === "VariableDeclarator" || /^(Function|Class)Declaration$/.test(node.type)) add(node["id"]);
    if (node.type.startsWith("Import") && node.type.endsWith("pecifier")) add(node["local"]);
    if (node.type === "CatchClause") add(node["param"]);
    for (const parameter of list(node["params"])) add(parameter);
    return true;
  });
  return names;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
