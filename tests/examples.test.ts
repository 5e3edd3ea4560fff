import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { ROOT } from "./testing/protoc.ts";

/** What a component file may import by name: the framework's one package, and libraries that only describe or hold data. */
const ALLOWED: ReadonlySet<string> = new Set(["@orrery/core", "@bufbuild/protobuf", "vega-datasets", "zod"]);

/** Modules of Node that read files of data; no other is application logic's business. */
const DATA_MODULES: ReadonlySet<string> = new Set(["node:fs", "node:path", "node:url", "node:module"]);

/** What only networks, processes and threads need. A component that names one of these does our work. */
const OURS = /\b(setTimeout|setInterval|fetch|WebSocket|Worker|process|Atomics|SharedArrayBuffer|Mutex|lock)\b/;

const IMPORT = /^(?:import|export)\s[^;]*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)|^import\s+"([^"]+)"/gm;

function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, first, second, third]) => first ?? second ?? third ?? "");
}

/** A file of the examples and every file of theirs that it leads to, without generated contracts. */
function reach(file: string, found: Map<string, string> = new Map()): Map<string, string> {
  if (found.has(file) || file.includes("/gen/")) return found;
  const text = readFileSync(join(ROOT, file), "utf8");
  found.set(file, text);
  for (const name of importsOf(text)) if (name.startsWith(".")) reach(join(dirname(file), name), found);
  return found;
}

/** What puts components together and runs them: a program, and no component. */
const ROOTS =
  /\b(createNode|createMeshNode|createMeshClient|createClient|createHttpDoor|launchHere|launchProcesses|defineScenario)\b/;

const NO_PROGRAM = /node_modules|\/gen\/|\.test\.ts|\/testing\/|\/start[^/]*$/;
const components = globSync("examples/**/*.ts", { cwd: ROOT }).filter((file) => {
  const text = NO_PROGRAM.test(file) ? "" : readFileSync(join(ROOT, file), "utf8");
  return importsOf(text).includes("@orrery/core") && !ROOTS.test(text);
});

test("the examples have component files", () => {
  for (const file of ["flights/components/planner.ts", "ladder/weather.ts", "eject/with/trips.ts"])
    assert.ok(components.includes(`examples/${file}`), file);
});

for (const file of components) {
  test(`${relative("examples", file)} is application logic alone: contracts, data and @orrery/core`, () => {
    for (const [path, text] of reach(file)) {
      const named = importsOf(text).filter((name) => !name.startsWith("."));
      assert.deepEqual(
        named.filter((name) => !ALLOWED.has(name) && !DATA_MODULES.has(name)),
        [],
        path,
      );
      const code = text.replaceAll(/\/\*.*?\*\/|\/\/.*$/gms, "");
      assert.equal(OURS.exec(code)?.[0], undefined, path);
    }
  });
}
