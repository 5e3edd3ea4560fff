import type { Finding } from "../lib/finding.ts";
import { importsOf, resolveRelative } from "../lib/imports.ts";
import type { Project } from "../lib/project.ts";

interface Edge {
  readonly to: string;
  readonly line: number;
}

/**
 * Checks that no file imports itself through others. `import type` counts not: it is gone when the program runs.
 * Each circle is reported once, at the import that closes it.
 */
export function checkCycles(project: Project): Finding[] {
  const graph = new Map(project.files.map((file) => [file.path, edgesOf(file)]));
  const findings: Finding[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    path.push(file);
    for (const edge of graph.get(file) ?? []) {
      const start = path.indexOf(edge.to);
      if (start >= 0) findings.push(describeCircle(file, edge, path.slice(start)));
      else if (!done.has(edge.to)) visit(edge.to);
    }
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) if (!done.has(file)) visit(file);
  return findings;
}

function edgesOf(file: Project["files"][number]): Edge[] {
  return importsOf(file)
    .filter((item) => item.specifier.startsWith(".") && !item.typeOnly)
    .map((item) => ({ to: resolveRelative(file.path, item.specifier), line: item.line }));
}

function describeCircle(file: string, edge: Edge, circle: readonly string[]): Finding {
  return {
    file,
    line: edge.line,
    what: `closes a circle of imports: ${[...circle, edge.to].join(" -> ")}`,
    mend: "move what both need into a third file, or import only the type",
  };
}
