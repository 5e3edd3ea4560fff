import type { Finding } from "../lib/finding.ts";
import { type Import, importsOf, resolveRelative, splitPackage } from "../lib/imports.ts";
import { isTest, type Manifest, manifestOf, type Project, type SourceFile } from "../lib/project.ts";
import { BROWSER_PACKAGES, IMPLEMENTATIONS, LAYERS } from "../policy.ts";

const OWN = "@orrery/";

/** Checks that imports and manifests point down the package order, name only what is declared, and go through doors. */
export function checkLayers(project: Project): Finding[] {
  const imports = project.files.flatMap((file) => {
    const manifest = manifestOf(project, file.path);
    return manifest === undefined
      ? []
      : importsOf(file).flatMap((item) => checkImport({ project, manifest, file, item }));
  });
  return [...imports, ...project.manifests.flatMap(checkManifest)];
}

interface Context {
  readonly project: Project;
  readonly manifest: Manifest;
  readonly file: SourceFile;
  readonly item: Import;
}

function checkImport(context: Context): Finding[] {
  const { manifest, file, item } = context;
  const say = (what: string, mend: string): Finding[] => [{ file: file.path, line: item.line, what, mend }];
  if (item.specifier.startsWith(".")) {
    const target = resolveRelative(file.path, item.specifier);
    if (manifest.folder === "" || target.startsWith(`${manifest.folder}/`)) return [];
    return say(`imports "${item.specifier}" out of its own package`, "import the other package by its name");
  }
  if (item.specifier.startsWith("node:")) {
    if (!BROWSER_PACKAGES.includes(shortName(manifest)) || isTest(file.path)) return [];
    return say(
      `imports "${item.specifier}", but ${manifest.name} runs in a browser`,
      "take what it gives as an option",
    );
  }
  return checkPackageImport(context, say);
}

function checkPackageImport(context: Context, say: (what: string, mend: string) => Finding[]): Finding[] {
  const { project, manifest, file, item } = context;
  const { name, subpath } = splitPackage(item.specifier);
  if (name === manifest.name) return say("imports its own package by name", "import the file by its path");
  const findings = isDeclared(context, name)
    ? []
    : say(`imports "${name}", which ${manifest.path} does not declare`, `add it to ${manifest.path}, pinned`);
  if (!name.startsWith(OWN)) return findings;
  const other = project.manifests.find((candidate) => candidate.name === name);
  const door = other === undefined || other.exports.includes(subpath);
  return [
    ...findings,
    ...(door
      ? []
      : say(`imports "${item.specifier}" past the package's exports`, `import one of ${other.exports.join(", ")}`)),
    ...whyNotBelow(manifest, name, isTest(file.path)).flatMap((what) => say(`imports ${name}: ${what}`, MEND_ORDER)),
  ];
}

const MEND_ORDER = "put the interface in the lower package and hand the implementation in";

function isDeclared({ project, manifest, file }: Context, name: string): boolean {
  if (manifest.dependencies.has(name)) return true;
  const root = project.manifests.find((candidate) => candidate.folder === "");
  const forScripts = isTest(file.path) || !manifest.folder.startsWith("packages/");
  return forScripts && (manifest.devDependencies.has(name) || root?.devDependencies.has(name) === true);
}

/** Says what forbids a package to use another of ours; nothing when it may. */
function whyNotBelow(manifest: Manifest, other: string, forTest: boolean): string[] {
  if (!manifest.folder.startsWith("packages/")) return [];
  const name = shortName(manifest);
  const target = other.slice(OWN.length);
  const mine = rankOf(name);
  const theirs = rankOf(target);
  if (mine < 0) return [`${name} has no place in LAYERS of tools/policy.ts`];
  if (theirs < 0) return [`${target} has no place in LAYERS of tools/policy.ts`];
  if (theirs >= mine) return [`${target} is not below ${name}`];
  const users = IMPLEMENTATIONS.get(target);
  if (users === undefined || users.includes(name) || forTest) return [];
  return [`only ${users.join(", ")}, tests and examples compose ${target}`];
}

/** Checks what a `package.json` declares: edges that point down, versions pinned. */
function checkManifest(manifest: Manifest): Finding[] {
  const at = (name: string): number => manifest.text.slice(0, manifest.text.indexOf(`"${name}"`)).split("\n").length;
  return [...manifest.dependencies, ...manifest.devDependencies].flatMap(([name, version]) => {
    const where = { file: manifest.path, line: at(name) };
    const loose = /^(npm:[\w@/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)
      ? []
      : [{ ...where, what: `asks for "${name}" as "${version}"`, mend: "pin one exact version" }];
    const forTest = manifest.devDependencies.has(name);
    const upward = name.startsWith(OWN) ? whyNotBelow(manifest, name, forTest) : [];
    return [...loose, ...upward.map((what) => ({ ...where, what: `declares ${name}: ${what}`, mend: MEND_ORDER }))];
  });
}

function shortName(manifest: Manifest): string {
  return manifest.name.slice(OWN.length);
}

function rankOf(name: string): number {
  return LAYERS.findIndex((row) => row.includes(name));
}
