import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { OrreryError } from "@orrery/core";
import { createProject } from "./create-project.ts";

const run = promisify(execFile);
const CHECKOUT = fileURLToPath(new URL("../../../../", import.meta.url));

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "orrery-test-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

for (const template of ["json", "proto"] as const) {
  test(`createProject makes a project of template ${template} that type-checks and passes its own test`, async (t) => {
    const parent = await scratch(t);
    const { folder, files } = await createProject({ name: "flight-desk", parent, template });
    assert.ok(files.includes("src/flight-desk.ts"));
    const component = await readFile(join(folder, "src/flight-desk.ts"), "utf8");
    assert.ok(component.split("\n").length < 25);
    // What `npm install` would do, without the network: the checkout's own packages.
    await symlink(join(CHECKOUT, "node_modules"), join(folder, "node_modules"));
    // A test run within a test run would report to the outer one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    await run(join(CHECKOUT, "node_modules/.bin/tsc"), ["--customConditions", "source"], { cwd: folder });
    const { stdout } = await run(process.execPath, ["--conditions=source", "--test", "--test-reporter=tap"], {
      cwd: folder,
      env,
    });
    assert.match(stdout, /# pass 1\n# fail 0/);
  });
}

for (const template of ["json", "proto"] as const) {
  test(`createProject asks in a project of template ${template} for the versions that this checkout is tested with`, async (t) => {
    const { folder } = await createProject({ name: "hello", parent: await scratch(t), template });
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const wanted = Object.entries<string>({ ...manifest.dependencies, ...manifest.devDependencies });
    const foreign = wanted.filter(([name]) => !name.startsWith("@orrery/"));
    assert.equal(foreign.length, 3);
    for (const [name, version] of foreign) {
      const installed = JSON.parse(await readFile(join(CHECKOUT, "node_modules", name, "package.json"), "utf8"));
      assert.equal(version, installed.version, name);
    }
  });
}

test("createProject links the packages of a checkout", async (t) => {
  const { folder } = await createProject({ name: "hello", parent: await scratch(t) });
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  assert.match(manifest.dependencies["@orrery/core"], /^file:.*\/packages\/core$/);
  assert.match(manifest.devDependencies["@orrery/cli"], /^file:.*\/packages\/cli$/);
  assert.match(manifest.devDependencies["@orrery/sim"], /^file:.*\/packages\/sim$/);
});

test("createProject brings the runtime of this platform along where the machine's is too old", async (t) => {
  const { folder } = await createProject({ name: "hello", parent: await scratch(t), bringRuntime: true });
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  assert.deepEqual(Object.keys(manifest.optionalDependencies), [`node-${process.platform}-${process.arch}`]);
});

const BAD_NAMES: readonly (readonly [name: string, why: RegExp])[] = [
  ["/etc/hello", /a name is no path/],
  ["../hello", /a name is no path/],
  ["a/b", /a name is no path/],
  ["Hello", /lower-case letters/],
  ["hello_world", /lower-case letters/],
  ["1st", /lower-case letters/],
  ["", /lower-case letters/],
  ["node", /means something else/],
  ["a".repeat(101), /101 letters, the limit is 100/],
];

for (const [name, why] of BAD_NAMES) {
  test(`createProject refuses the name ${JSON.stringify(name.slice(0, 20))}`, async (t) => {
    const parent = await scratch(t);
    await assert.rejects(createProject({ name, parent }), (error) => {
      assert.ok(error instanceof OrreryError && error.code === "invalid_argument");
      assert.match(error.message, why);
      return true;
    });
    assert.deepEqual(await readdir(parent), []);
  });
}

test("createProject refuses a folder that is not empty, and takes one that is", async (t) => {
  const parent = await scratch(t);
  await mkdir(join(parent, "hello"));
  await createProject({ name: "hello", parent });
  await writeFile(join(parent, "hello", "mine.txt"), "");
  await assert.rejects(createProject({ name: "hello", parent }), {
    code: "already_exists",
    message: `Cannot make project "hello": the folder "${join(parent, "hello")}" is there and not empty, choose another name or remove it`,
  });
  assert.deepEqual(await readdir(parent), ["hello"]);
});
