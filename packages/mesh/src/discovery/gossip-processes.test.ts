import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { waitUntil } from "../testing/wait-until.ts";

const PROGRAM = fileURLToPath(new URL("./testing/adder-process.ts", import.meta.url));

interface Line {
  readonly address?: string;
  readonly reply?: { readonly sum: number; readonly by: string };
  readonly tookMs?: number;
}

/** Starts a process, and gives what it says, line by line. */
function start(t: TestContext, ...args: readonly string[]) {
  const child = spawn(process.execPath, ["--conditions=source", PROGRAM, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Line> => JSON.parse((await lines.next()).value ?? "{}");
  const ask = async (): Promise<Line> => {
    child.stdin.write("ask\n");
    return next();
  };
  return { child, next, ask };
}

test("createMeshNode lets two processes join and answer the first call, without a wait for any round of gossip", async (t) => {
  const { address = "" } = await start(t, "server", "adder").next();
  const caller = start(t, "client", "caller", address);
  await caller.next();
  const { reply, tookMs = Number.POSITIVE_INFINITY } = await caller.next();
  assert.deepEqual(reply, { sum: 3, by: "server" });
  t.diagnostic(`joined, and the first call was answered, in ${tookMs.toFixed(1)} ms`);
  assert.ok(tookMs < 10_000, `${tookMs} ms`); // A bound for any machine; the time itself is measured by a benchmark.
});

test("createMeshNode finds another place when a process is killed, and the network again without its seed", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "orrery-gossip-"));
  t.after(() => rm(folder, { recursive: true }));
  const view = join(folder, "view.bin");
  const seed = start(t, "seed", "adder");
  const { address = "" } = await seed.next();
  const other = start(t, "other", "adder", address);
  await other.next();
  const caller = start(t, "caller", "caller", address, view);
  const { address: callerAt = "" } = await caller.next();
  await caller.next();
  const { existsSync } = await import("node:fs");
  await waitUntil(() => existsSync(view));
  seed.child.kill("SIGKILL");
  await once(seed.child, "exit");
  assert.deepEqual((await caller.ask()).reply, { sum: 3, by: "other" });
  caller.child.kill("SIGKILL");
  await once(caller.child, "exit");
  const again = start(t, "caller", "caller", address, view);
  assert.notEqual((await again.next()).address, callerAt);
  assert.deepEqual((await again.next()).reply, { sum: 3, by: "other" });
});
