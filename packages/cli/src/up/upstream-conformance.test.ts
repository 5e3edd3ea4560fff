import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openTestUp } from "../testing/up.ts";

const ORIGIN = createRequire(import.meta.url).resolve("http-cache-tests/server/server.mjs");
const ASK = fileURLToPath(new URL("../testing/http-cache-tests.mjs", import.meta.url));

/** Binds name the methods that they pass on, and this is none of them. */
const REFUSED = /^invalidate-M-SEARCH/;

/** The server of the tests, at a free port. */
async function startOrigin(folder: string): Promise<{ readonly child: ChildProcess; readonly port: string }> {
  const env = {
    ...process.env,
    npm_config_protocol: "http",
    npm_config_port: "0",
    npm_config_pidfile: join(folder, "pid"),
  };
  const child = spawn(process.execPath, [ORIGIN], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /Listening on .*:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return { child, port };
  }
  throw new Error("the server of http-cache-tests did not start");
}

async function passedAt(base: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [ASK, base]);
  return JSON.parse(stdout) as readonly string[];
}

test("a space's upstream passes all cases of http-cache-tests by way of it that it passes by itself", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-conformance-"));
  const { child, port } = await startOrigin(folder);
  t.after(async () => {
    child.kill();
    await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  });
  await using up = await openTestUp({ upstreams: [`127.0.0.1:${port}`], cwd: folder });
  writeFileSync(
    join(folder, "bind.yaml"),
    `routes: [{ path: '/{rest*}', upstream: 'http://127.0.0.1:${port}/{rest}' }]\n`,
  );
  for (const line of [
    "create localhost<Space>",
    "create localhost:cfg<FileSystem>",
    "cp bind.yaml localhost:cfg:/bind.yaml",
    "set localhost --set=bind=localhost:cfg:/bind.yaml",
  ]) {
    const { exit, err } = await up.orrery(line);
    assert.equal(exit, 0, err);
  }
  const web = new URL(up.web);
  const [alone, passedOn] = await Promise.all([
    passedAt(`http://127.0.0.1:${port}`),
    passedAt(`http://localhost:${web.port}`),
  ]);
  assert.ok(alone.length > 90, `${alone.length} cases`);
  const lost = alone.filter((id) => !passedOn.includes(id) && !REFUSED.test(id));
  assert.deepEqual(lost, []);
});
