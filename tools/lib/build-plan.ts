import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { listFiles, listTree, type Manifest, ROOT } from "./project.ts";

/** What is built of one package. */
export interface PackagePlan {
  /** Folder of the package from the root. */
  readonly folder: string;
  /** Source file by name of the output without extension: "conformance/index" to "src/conformance/index.ts". */
  readonly entries: ReadonlyMap<string, string>;
  /** Dependencies whose code becomes part of `dist`. */
  readonly inlined: readonly string[];
  /** Dependencies that stay imports. */
  readonly external: readonly string[];
  /** True when the package must run in a browser. */
  readonly forBrowser: boolean;
}

/**
 * Dependencies of many small files that a process loads before it is ready, by package: finding and linking the files takes longer than
 * running them. Of each only what is used enters `dist`. Where the user's program loads its own copy too, the two must get on:
 * protobuf-es keeps all state in the messages and descriptors that it is handed. See docs/adr/0013.
 */
const INLINED: ReadonlyMap<string, readonly string[]> = new Map([
  ["@orrery/core", ["@bufbuild/protobuf"]],
  ["@orrery/http", ["@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-node"]],
  ["@orrery/market", ["@bufbuild/protobuf", "viem"]],
  ["@orrery/mesh", ["@bufbuild/protobuf", "semver"]],
  ["@orrery/zmq", ["@noble/ciphers"]],
  ["@orrery/cli", ["@bufbuild/protobuf", "@stricli/core"]],
]);

/**
 * Reads from a manifest's `exports` and `bin` which files are built; a bin outside `dist` is committed as it is.
 * @throws Error when an export names no source or a source that is not there
 */
export function planPackage(manifest: Manifest, forBrowser: boolean): PackagePlan {
  const json = JSON.parse(manifest.text) as {
    exports?: Record<string, Record<string, string>>;
    bin?: Record<string, string>;
    dependencies?: Record<string, string>;
  };
  const outputs = [
    ...Object.values(json.exports ?? {}).map((door) => door["default"]),
    ...Object.values(json.bin ?? {}).filter((path) => path.startsWith("./dist/")),
  ];
  const entries = outputs.map((output): [string, string] => {
    const name = /^\.\/dist\/(.+)\.js$/.exec(output ?? "")?.[1];
    if (name === undefined) throw new Error(`Cannot build "${manifest.path}": "${output}" is not like ./dist/NAME.js`);
    const source = `src/${name}.ts`;
    if (existsSync(join(ROOT, manifest.folder, source))) return [name, source];
    throw new Error(
      `Cannot build "${manifest.path}": there is no ${manifest.folder}/${source}, write it or take the export out`,
    );
  });
  const dependencies = Object.keys(json.dependencies ?? {});
  const inlined = dependencies.filter((name) => INLINED.get(manifest.name)?.includes(name));
  const external = dependencies.filter((name) => !inlined.includes(name));
  return { folder: manifest.folder, entries: new Map(entries), inlined, external, forBrowser };
}

const INPUTS = [
  "packages/*/src/**/*.ts",
  "packages/*/{package,tsconfig.build}.json",
  "tsconfig*.json",
  "package-lock.json",
  "tools/**/build*.ts",
];

/** Generated files of the packages, from the root: `listFiles` leaves them out. */
export function generatedFiles(): string[] {
  const folders = listFiles(["packages/*/package.json"]).map((path) => join(dirname(path), "src/gen"));
  return folders.flatMap((folder) => listTree(join(ROOT, folder)).map((path) => join(folder, path)));
}

/** Fingerprint of everything that a build reads; the same as the last means that nothing is to be done. */
export function inputStamp(): string {
  const hash = createHash("sha256");
  for (const path of [...listFiles(INPUTS), ...generatedFiles()]) {
    if (path.endsWith(".test.ts")) continue;
    hash
      .update(path)
      .update("\0")
      .update(readFileSync(join(ROOT, path)))
      .update("\0");
  }
  return hash.digest("hex");
}
