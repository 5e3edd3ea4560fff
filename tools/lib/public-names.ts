import { resolveRelative } from "./imports.ts";
import type { Project, SourceFile } from "./project.ts";
import { syntaxOf } from "./syntax.ts";

/**
 * Finds what packages show the world: for each file, the names that `src/index.ts` of its package exports from it,
 * through any number of re-exports. A name is the one in the declaring file.
 */
export function publicNames(project: Project): Map<string, Set<string>> {
  const files = new Map(project.files.map((file) => [file.path, file]));
  const shown = new Map<string, Set<string>>();
  const show = (file: SourceFile, wanted: (name: string) => boolean): void => {
    const names = shown.get(file.path) ?? new Set<string>();
    shown.set(file.path, names);
    for (const entry of syntaxOf(file).module.staticExports.flatMap((item) => item.entries)) {
      const name = entry.exportName.name ?? "";
      if (entry.moduleRequest === null) {
        if (wanted(name)) names.add(entry.localName.name ?? name);
        continue;
      }
      const target = files.get(resolveRelative(file.path, entry.moduleRequest.value));
      const source = entry.importName.name;
      if (target === undefined) continue;
      if (entry.importName.kind === "All") show(target, () => wanted(name));
      else if (source === null || source === undefined) show(target, wanted);
      else if (wanted(name)) show(target, (other) => other === source);
    }
  };
  for (const file of project.files) if (/^packages\/[^/]+\/src\/index\.ts$/.test(file.path)) show(file, () => true);
  return shown;
}
