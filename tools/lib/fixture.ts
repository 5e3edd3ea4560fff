import { type Manifest, type Project, parseManifest, type SourceFile } from "./project.ts";

/**
 * Makes a small false project for a check's test: `files` maps paths to texts, a `package.json` becomes a manifest.
 * Every package folder that has no `package.json` of its own gets one named `@orrery/<folder>`.
 */
export function fixtureProject(files: Readonly<Record<string, string>>): Project {
  const all: SourceFile[] = Object.entries(files).map(([path, text]) => ({ path, text }));
  const given = all.filter((file) => file.path.endsWith("package.json")).map(parseManifest);
  const folders = new Set(all.flatMap((file) => /^packages\/[^/]+/.exec(file.path)?.[0] ?? []));
  const missing = [...folders].filter((folder) => !given.some((manifest) => manifest.folder === folder));
  return {
    files: all.filter((file) => file.path.endsWith(".ts")),
    manifests: [...given, ...missing.map(plainManifest)],
  };
}

function plainManifest(folder: string): Manifest {
  const name = folder.replace("packages/", "@orrery/");
  const text = JSON.stringify({ name, exports: { ".": "./src/index.ts", "./internal": "./src/internal.ts" } });
  return parseManifest({ path: `${folder}/package.json`, text });
}
