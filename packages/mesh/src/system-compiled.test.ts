import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSystemClock } from "@orrery/core";
import { createSupervisor } from "./supervise/supervisor.ts";
import { componentProgram } from "./supervise/system-door.ts";
import { COMPILED } from "./system-compiled.ts";
import { createRealMachine } from "./testing/supervise/real-machine.ts";
import { waitUntil } from "./testing/wait-until.ts";

const APP = fileURLToPath(new URL("./elastic/testing/shop-app.ts", import.meta.url));

test("keepCompiled leaves what a supervised process compiled to the next, also when that process is killed", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-compiled-"));
  await using machine = await createRealMachine();
  const { random, store, control } = machine;
  const supervisor = await createSupervisor({ control: control(), store, clock: createSystemClock(), random });
  t.after(() => rmSync(folder, { recursive: true }));
  t.after(() => supervisor.kill());
  const program = componentProgram({ paths: [APP], cwd: process.cwd(), component: "shop", node: "shop-0" });
  const env = { NODE_COMPILE_CACHE: folder };
  supervisor.apply({ groups: [{ name: "shop", children: [{ name: "shop-0", program: { ...program, env } }] }] });
  const kept = () => readdirSync(folder, { recursive: true }).length;
  await waitUntil(() => kept() > 10); // It runs on meanwhile.
  assert.equal(supervisor.status()[0]?.state, "ready");
});

test("COMPILED names the folder that Node itself would take", () => {
  assert.deepEqual(COMPILED, { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") });
});
