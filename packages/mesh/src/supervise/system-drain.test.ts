import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ClientNode, outcomeOf } from "@orrery/core";
import { createLiveDirectory } from "../live-directory.ts";
import { createMeshClient } from "../mesh-node.ts";
import { Counter } from "../testing/apps/counter.ts";
import { APPS } from "../testing/apps.ts";
import { createRealMachine, REAL_RULES } from "../testing/supervise/real-machine.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { rollOut } from "./roll-out.ts";
import type { SuperviseSpec } from "./spec.ts";
import { createSupervisor } from "./supervisor.ts";
import { componentProgram } from "./system-door.ts";

const specOf = (version: number): SuperviseSpec => ({
  groups: [
    {
      name: "counters",
      rules: { ...REAL_RULES, settleMs: 100, drainMs: 5_000, memoryBytesMax: 1024 ** 3 },
      children: ["counter-0", "counter-1"].map((name) => {
        const program = componentProgram({ paths: ["counter.ts"], cwd: APPS, component: "test.counter", node: name });
        return { name, program: { ...program, version } };
      }),
    },
  ],
});

/** Asks again and again until it is told to end, and keeps how each call ended. */
function steadyLoad(client: ClientNode, pass: (ms: number) => Promise<void>) {
  const calls: Promise<string>[] = [];
  let isOver = false;
  const running = (async () => {
    for (; !isOver; await pass(4))
      calls.push(outcomeOf(client.client(Counter).add({ by: 1 }, { timeoutMs: 10_000 })).then(({ kind }) => kind));
  })();
  return async () => {
    isOver = true;
    await running;
    return await Promise.all(calls);
  };
}

describe("rollOut", () => {
  it("replaces real processes under load, and no call fails; a crash costs some, and each has an outcome", async () => {
    await using machine = await createRealMachine();
    const { clock, random, store } = machine;
    const directory = createLiveDirectory();
    const onRoutes = (routes: ReadonlyMap<string, string>) =>
      directory.replace({ "test.counter": [...routes.values()] });
    const supervisor = await createSupervisor({ clock, random, store, control: machine.control(), onRoutes });
    await using client = await createMeshClient({ directory });
    const pids = () => supervisor.status().map(({ pid }) => pid);
    const areReady = () => supervisor.status().every(({ state }) => state === "ready");
    try {
      supervisor.apply(specOf(1));
      await waitUntil(areReady);
      const before = pids();
      const end = steadyLoad(client, machine.pass);
      const result = await rollOut({ target: supervisor, to: specOf(2), clock, steadyMs: 200 });
      const kinds = await end();
      assert.deepEqual(result, { kind: "done" });
      assert.ok(kinds.length > 50);
      assert.deepEqual([...new Set(kinds)], ["reply"]);
      assert.equal(
        pids().some((pid) => before.includes(pid)),
        false,
      );

      const after = steadyLoad(client, machine.pass);
      process.kill(pids()[0] ?? 0, "SIGKILL");
      await waitUntil(() => supervisor.status()[0]?.restarts === 2 && areReady());
      const rest = await after();
      const lost = rest.filter((kind) => kind !== "reply");
      assert.ok(lost.length < rest.length / 2, `${lost.length} of ${rest.length} were lost`);
      assert.ok(
        lost.every((kind) => kind === "unreachable" || kind === "bounced" || kind === "timeout"),
        lost.join(),
      );
    } finally {
      await supervisor.stop();
    }
  });
});
