import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { orrery, startRun } from "./testing/orrery.ts";

const CHECKOUT = fileURLToPath(new URL("../../../", import.meta.url));

/** Five minutes, less what a person needs to read and type. */
const MACHINE_MS_MAX = 60_000;

const root = mkdtempSync(join(tmpdir(), "orrery-newcomer-"));
after(() => rmSync(root, { recursive: true }));

describe("a newcomer", () => {
  for (const contract of ["json", "proto"] as const) {
    it(`goes from nothing to an answer with a contract of ${contract}, in a component of under 25 lines`, async (t) => {
      const parent = mkdtempSync(join(root, "desk-"));
      const startMs = performance.now();
      const made = await orrery(["new", "hello", ...(contract === "proto" ? ["--proto"] : [])], { cwd: parent });
      assert.equal(made.exit, 0, made.err);
      assert.match(made.out, /^Made hello\n {2}\.gitignore\n/);
      assert.equal(made.err, "Next:\n  cd hello\n  npm install\n  npm start\n");

      const cwd = join(parent, "hello");
      installed(cwd);
      const file = join(cwd, "src", "hello.ts");
      const written = readFileSync(file, "utf8");
      assert.ok(written.trimEnd().split("\n").length < 25);
      writeFileSync(file, written.replace("`Hello, ", "`Good morning, "));

      const app = startRun(["src"], { cwd });
      await app.next("ready");
      const called = await orrery(["hello", "greet", "--name=Ada", "--output=json"], { cwd });
      assert.equal(called.err, "");
      assert.deepEqual(JSON.parse(called.out), { text: "Good morning, Ada!" });
      const wrong = await orrery(["hello", "greet", "--nmae=Ada"], { cwd });
      assert.equal(wrong.exit, 2);
      assert.match(wrong.err, /there is no such field, did you mean "--name"\?/);
      app.child.kill("SIGINT");
      assert.equal((await app.ended).exit, 0);
      const tookMs = performance.now() - startMs;
      t.diagnostic(`new, edit, run, call and stop took ${Math.round(tookMs)} ms`);
      assert.ok(tookMs < MACHINE_MS_MAX);
    });
  }

  it("writes code anew after a change of the contract, and is told where it is wrong", async () => {
    const cwd = join(mkdtempSync(join(root, "desk-")), "hello");
    await orrery(["new", "hello", "--proto"], { cwd: join(cwd, "..") });
    const same = await orrery(["generate"], { cwd });
    assert.equal(same.out, "2 in gen were right already\n");
    const file = join(cwd, "proto", "hello", "v1", "hello.proto");
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace("string name = 1;", "string name = 1;\n  uint32 times = 2;"),
    );
    assert.equal(
      (await orrery(["generate"], { cwd })).out,
      "wrote    gen/hello/v1/hello_pb.ts\n1 in gen was right already\n",
    );
    assert.match(readFileSync(join(cwd, "gen", "hello", "v1", "hello_pb.ts"), "utf8"), /times: number;/);
    writeFileSync(file, readFileSync(file, "utf8").replace("uint32 times", "unit32 times"));
    const { exit, err } = await orrery(["generate"], { cwd });
    assert.equal(exit, 1);
    assert.match(err, /^.*hello\.proto:12:3\n.*unit32/);
  });
});

/** What npm install does, without the network: packages of this checkout in the place of those that it would fetch. */
function installed(project: string): void {
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, "@orrery"), { recursive: true });
  for (const name of ["core", "cli", "sim"])
    symlinkSync(join(CHECKOUT, "packages", name), join(modules, "@orrery", name));
  for (const name of ["@bufbuild", "zod"]) symlinkSync(join(CHECKOUT, "node_modules", name), join(modules, name));
}
