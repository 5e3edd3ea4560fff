import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sweepSockets } from "./system-sweep.ts";

test("sweepSockets takes away what killed processes left behind, and nothing else", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-sweep-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const program = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  await once(spawn(process.execPath, ["-e", program, join(folder, "dead.sock")]), "exit");
  writeFileSync(join(folder, "file.sock"), "");
  const server = createServer().listen(join(folder, "live.sock"));
  await once(server, "listening");
  t.after(() => server.close());
  assert.equal(await sweepSockets(folder), 0, "it may be opening");
  assert.equal(await sweepSockets(folder, 0), 1);
  assert.deepEqual(readdirSync(folder).sort(), ["file.sock", "live.sock"]);
  assert.equal(await sweepSockets(join(folder, "missing")), 0);
});
