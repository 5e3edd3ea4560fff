import { posix } from "node:path";
import type { SourceFile } from "./project.ts";
import { syntaxOf } from "./syntax.ts";

/** One import, re-export or dynamic import of a file. */
export interface Import {
  /** As written: "./x.ts", "node:net", "@orrery/core/internal". */
  readonly specifier: string;
  /** Counted from 1. */
  readonly line: number;
  /** True when it is gone after type stripping, so that it loads nothing. */
  readonly typeOnly: boolean;
}

/** Lists what a file imports, in the order of the text; a dynamic import with a computed name is left out. */
export function importsOf(file: SourceFile): Import[] {
  const { module, lineAt } = syntaxOf(file);
  const statements = module.staticImports.map((item) => ({
    specifier: item.moduleRequest.value,
    line: lineAt(item.start),
    typeOnly: isTypeStatement(file.text, item.start),
  }));
  const reexports = module.staticExports.flatMap((item) => {
    const request = item.entries[0]?.moduleRequest;
    if (request === null || request === undefined) return [];
    return [{ specifier: request.value, line: lineAt(item.start), typeOnly: isTypeStatement(file.text, item.start) }];
  });
  const dynamic = module.dynamicImports.flatMap((item) => {
    const text = file.text.slice(item.moduleRequest.start, item.moduleRequest.end);
    const specifier = /^(["'`])([^$]*)\1$/.exec(text)?.[2];
    return specifier === undefined ? [] : [{ specifier, line: lineAt(item.start), typeOnly: false }];
  });
  return [...statements, ...reexports, ...dynamic].sort((left, right) => left.line - right.line);
}

/** Only `import type` vanishes whole; `import { type X }` still loads the file. */
function isTypeStatement(text: string, start: number): boolean {
  return /^(import|export)\s+type\b/.test(text.slice(start, start + 20));
}

/** Path of the file that a relative import names, from the root. */
export function resolveRelative(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier));
}

/** Splits "@orrery/core/internal" into the package's name and the subpath as manifests write it. */
export function splitPackage(specifier: string): { name: string; subpath: string } {
  const parts = specifier.split("/");
  const name = parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const rest = specifier.slice(name.length + 1);
  return { name, subpath: rest === "" ? "." : `./${rest}` };
}
