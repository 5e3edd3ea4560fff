import type { Finding } from "../lib/finding.ts";
import { isTest, type Project, type SourceFile } from "../lib/project.ts";
import { publicNames } from "../lib/public-names.ts";
import { isNode, type Node, syntaxOf } from "../lib/syntax.ts";

/**
 * Checks that every export in the packages has a doc comment, and every member of an `XOptions` that a package shows.
 * A re-export needs none: the comment stands at the declaration, in whichever file that is.
 */
export function checkDocumented(project: Project): Finding[] {
  const shown = publicNames(project);
  const sources = project.files.filter((file) => file.path.startsWith("packages/") && !isTest(file.path));
  return sources.flatMap((file) => checkFile(file, shown.get(file.path) ?? new Set()));
}

function checkFile(file: SourceFile, shown: ReadonlySet<string>): Finding[] {
  const { body, lineAt } = syntaxOf(file);
  const seen = new Set<string>();
  return exportedDeclarations(body).flatMap(({ statement, declaration }) => {
    const name = nameOf(declaration);
    if (seen.has(name)) return []; // a further overload
    seen.add(name);
    const say = (node: Node, what: string): Finding => ({
      file: file.path,
      line: lineAt(node.start),
      what,
      mend: "write what it does, its shapes and units, its errors: not its name again",
    });
    const missing = hasDoc(file, statement) ? [] : [say(statement, `export ${name} has no doc comment`)];
    const options = shown.has(name) ? optionsOf(declaration) : [];
    const bare = options.filter((member) => !hasDoc(file, member));
    return [
      ...missing,
      ...bare.map((member) => say(member, `option ${name}.${memberName(member)} has no doc comment`)),
    ];
  });
}

interface Exported {
  /** What a doc comment stands before. */
  readonly statement: Node;
  readonly declaration: Node;
}

/** Exported declarations of a file, those of `export { x }` at the foot included. */
function exportedDeclarations(body: readonly Node[]): Exported[] {
  const direct = body.flatMap((statement) => {
    const declaration = statement["declaration"];
    return statement.type.startsWith("Export") && isNode(declaration) ? [{ statement, declaration }] : [];
  });
  const listed = new Set(
    body
      .filter((statement) => statement.type === "ExportNamedDeclaration" && !isNode(statement["source"]))
      .flatMap((statement) => (statement["specifiers"] as Node[]) ?? [])
      .map((specifier) => String((specifier["local"] as Node)["name"])),
  );
  const later = body.filter((statement) => listed.has(nameOf(statement)));
  return [...direct, ...later.map((statement) => ({ statement, declaration: statement }))];
}

function nameOf(declaration: Node): string {
  const first = (declaration["declarations"] as Node[] | undefined)?.[0];
  const id = (declaration["id"] ?? first?.["id"]) as Node | undefined;
  return id === undefined || id === null ? "default" : String(id["name"]);
}

/** The members of an interface named `XOptions`; nothing for any other declaration. */
function optionsOf(declaration: Node): readonly Node[] {
  if (declaration.type !== "TSInterfaceDeclaration" || !nameOf(declaration).endsWith("Options")) return [];
  return (declaration["body"] as Node)["body"] as Node[];
}

function memberName(member: Node): string {
  const key = member["key"];
  return isNode(key) ? String(key["name"] ?? key["value"]) : "member";
}

/** Tells whether a doc comment ends right before a node, with nothing but space between. */
function hasDoc(file: SourceFile, node: Node): boolean {
  return syntaxOf(file).comments.some(
    (comment) =>
      comment.type === "Block" &&
      comment.value.startsWith("*") &&
      comment.end <= node.start &&
      file.text.slice(comment.end, node.start).trim() === "",
  );
}
