import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { APPS } from "./testing/memory-terminal.ts";

const BIN = fileURLToPath(new URL("../bin/orrery.js", import.meta.url));
const OLD_NODE = 'Object.defineProperty(process.versions, "node", { value: "20.20.2" });';
const LISTED = `
import { registerHooks } from "node:module";
registerHooks({ load: (url, context, next) => (process.stderr.write(url + "\\n"), next(url, context)) });
`;

const folder = mkdtempSync(join(tmpdir(), "orrery-start-"));
after(() => rmSync(folder, { recursive: true }));

const flagsOf = (preload: string) => [
  ...["--conditions=source", "--import"],
  `data:text/javascript,${encodeURIComponent(preload)}`,
];

function start(preload: string, bin: string, ...words: readonly string[]) {
  return spawnSync(process.execPath, [...flagsOf(preload), bin, ...words], { encoding: "utf8", cwd: folder });
}

describe("orrery", () => {
  it("loads nothing but the commands' data for the help", () => {
    const { stdout, stderr, status } = start(LISTED, BIN, "--help");
    assert.equal(status, 0);
    assert.match(stdout, /^Write, run and call components\n/);
    const loaded = stderr
      .split("\n")
      .filter((url) => /\/packages\/(core|zmq|http|mesh|sim)\/(?!src\/edit-distance)|@bufbuild/.test(url));
    assert.deepEqual(loaded, []);
    assert.ok(stderr.includes("/cli/src/commands.ts"));
  });

  it("goes on with the Node that npm has installed where the machine's is too old", () => {
    const { stdout, status } = start(OLD_NODE, BIN, "version");
    assert.match(stdout, /, Node 26\./);
    assert.equal(status, 0);
  });

  it("ends with the process of the machine's Node, killed or not, and leaves nothing behind", async () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const words = ["run", join(APPS, "greeter.ts"), "--output=json"];
    for (const [signal, exit] of [
      ["SIGKILL", null],
      ["SIGTERM", 0],
    ] as const) {
      const child = spawn(process.execPath, [...flagsOf(OLD_NODE), BIN, ...words], { cwd: folder, env });
      child.stdin.end();
      await once(child.stdout, "data");
      child.kill(signal);
      const signalled = AbortSignal.timeout(60_000); // Whoever is left holds what it prints to.
      assert.equal((await once(child, "close", { signal: signalled }))[0], exit);
    }
  });

  it("says in one line what is needed where there is none", () => {
    const copy = join(folder, "bin");
    cpSync(join(BIN, ".."), copy, { recursive: true });
    const { stdout, stderr, status } = start(OLD_NODE, join(copy, "orrery.js"), "version");
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      /^Cannot run orrery on Node 20\.20\.2: Node 24 is the oldest that will do, install Node 24 or newer, or: npm .*\n$/,
    );
  });
});
