import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createSystemClock, createSystemRandom, discardLog } from "@orrery/core";
import { openIsolation } from "../isolation/system-isolation.ts";
import { createMemoryRuntime } from "../testing/memory-runtime.ts";
import { type RuntimeHarness, testRuntime } from "../testing/runtime-suite.ts";
import { createTurnClock } from "../testing/turn-clock.ts";
import type { AppRelease } from "./app-release.ts";
import { APP_LIMITS } from "./limits.ts";
import { createAppLogs } from "./logs/system-app-logs.ts";
import { createProcessRuntime } from "./system-process-runtime.ts";

const CORE = fileURLToPath(new URL("../../../core", import.meta.url));

testRuntime("createMemoryRuntime", async (): Promise<RuntimeHarness> => {
  const clock = createTurnClock();
  const runtime = createMemoryRuntime({ clock, delayMs: () => 10, isGood: ({ id }) => id !== "bad" });
  return {
    open: async () => ({
      ...runtime,
      rest: (app) => Promise.race([runtime.rest(app), turning(clock)]),
      drop: (app) => Promise.race([runtime.drop(app), turning(clock)]),
    }),
    release: (app, id) => releaseOf({ app, id, folder: `/${id}` }),
    answers: async (_, app) => (runtime.stand(app).isReady ? runtime.stand(app).release?.id : undefined),
    pass: async () => void clock.turn(),
    close: async () => undefined,
  };
});

/** Lets all happen that is due, however late. */
async function turning(clock: ReturnType<typeof createTurnClock>): Promise<void> {
  while (clock.turn()) await undefined;
  await new Promise(() => undefined);
}

testRuntime("createProcessRuntime", processHarness);

async function processHarness(): Promise<RuntimeHarness> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-runtime-"));
  const isolation = openIsolation({ wish: "auto", data: folder });
  for (const id of ["v1", "v2", "bad"]) writeCode(join(folder, "code", id), id);
  return {
    open: () =>
      createProcessRuntime({
        folder: join(folder, "run"),
        isolation,
        limits: async () => ({ ...APP_LIMITS, memoryBytes: 160 * 1024 * 1024, of: "plan small" }),
        components: () => [],
        logs: createAppLogs({ folder: join(folder, "logs"), clock: createSystemClock() }),
        clock: createSystemClock(),
        random: createSystemRandom(),
        log: discardLog,
      }),
    release: (app, id) => releaseOf({ app, id, folder: join(folder, "code", id) }),
    answers: async (runtime, app) => {
      const { caller } = runtime.stand(app);
      if (caller === undefined) return undefined;
      const body = new TextEncoder().encode("{}");
      const reply = await caller.call({ component: "teller", method: "tell" }, body, {
        timeoutMs: 10_000,
        agent: "ann",
        signal: new AbortController().signal,
      });
      return (JSON.parse(new TextDecoder().decode(reply)) as { id: string }).id;
    },
    pass: () => sleep(20),
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

describe("createProcessRuntime", () => {
  it("ends what takes more memory than it may, says by which limit, and has it back, while its neighbour answers", async () => {
    const harness = await processHarness();
    const runtime = await harness.open();
    const [greedy, neighbour] = ["demo.test:greedy", "other.test:app"];
    for (const app of [greedy, neighbour]) runtime.run(harness.release(app, "v1"));
    while (![greedy, neighbour].every((app) => runtime.stand(app).isReady)) await harness.pass();
    const burst = runtime.stand(greedy).caller?.call({ component: "teller", method: "burst" }, Buffer.from("{}"), {
      timeoutMs: 20_000,
      agent: "ann",
      signal: new AbortController().signal,
    });
    await assert.rejects(async () => await burst);
    const last = () => runtime.stand(greedy).instances[0];
    while (last()?.lastEnd === undefined) await harness.pass();
    const limit = /killed: memory limit 160 MiB of plan small|its limit is 160 MiB/; // By a control group, or else by its supervisor.
    assert.match(last()?.lastEnd?.text ?? "", limit);
    assert.equal(await harness.answers(runtime, neighbour), "v1");
    assert.equal(runtime.stand(neighbour).instances[0]?.restarts, 0);
    while (last()?.state !== "ready") await harness.pass();
    await runtime.close();
    await harness.close();
  });
});

/** Code that tells which release it is, or is broken. */
function writeCode(folder: string, id: string): void {
  mkdirSync(join(folder, "node_modules/@orrery"), { recursive: true });
  symlinkSync(CORE, join(folder, "node_modules/@orrery/core"));
  const code = `
import { defineComponent, defineService, json } from "@orrery/core";
const shape = { request: json<object>(), reply: json<{ id: string }>() };
const Teller = defineService("teller", { tell: shape, burst: shape });
const burst = async () => {
  const held = [];
  for (;;) {
    held.push(Buffer.alloc(4 * 1024 * 1024, 1));
    await new Promise((resolve) => setTimeout(resolve, held.length < 60 ? 0 : 1_000));
  }
};
${id === "bad" ? 'throw new Error("it is broken");' : ""}
export default defineComponent(Teller, () => ({ tell: () => ({ id: "${id}" }), burst }));
`;
  writeFileSync(join(folder, "teller.ts"), code);
}

function releaseOf({ app, id, folder }: Pick<AppRelease, "app" | "id" | "folder">): AppRelease {
  const components = [{ name: "teller", path: "teller.ts", instances: 1 }];
  const file = { components, mechtrons: [], resources: [], requires: [], env: {}, secrets: {}, routes: [] };
  return { app, id, folder, file, source: `${app}-src:${id}:/orrery.yaml`, secrets: {} };
}
