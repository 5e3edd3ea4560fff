import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSystemClock, outcomeOf } from "@orrery/core";
import { createMeshNode } from "../mesh-node.ts";
import { createSupervisor } from "../supervise/supervisor.ts";
import { componentProgram } from "../supervise/system-door.ts";
import { createRealMachine } from "../testing/supervise/real-machine.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { createSupervisorPlacement } from "./supervisor-placement.ts";
import { startThread } from "./system-thread.ts";
import { type PlacementBench, testPlacement } from "./testing/placement-suite.ts";
import { Shop } from "./testing/shop.ts";
import { createThreadPlacement, type RunningThread } from "./thread-placement.ts";

const APP = fileURLToPath(new URL("./testing/shop-app.ts", import.meta.url));

/** Threads of this process, and the node that they find. */
async function openThreads() {
  const node = await createMeshNode({ name: "caller", components: [], listen: ["tcp://127.0.0.1:0"], seeds: [] });
  await node.start();
  const running = new Set<RunningThread>();
  let lives = 0;
  const placement = createThreadPlacement({
    clock: node.clock,
    threadsMax: 3,
    programOf: (component, slot) => ({
      paths: [APP],
      cwd: process.cwd(),
      component,
      node: `${component}-${slot}-${lives++}`,
      seeds: node.addresses,
    }),
    start: (program) => {
      const thread = startThread(program);
      running.add(thread);
      void thread.ended.then(() => running.delete(thread));
      return thread;
    },
  });
  return { node, placement, running };
}

testPlacement("createThreadPlacement", async (): Promise<PlacementBench> => {
  const { node, placement, running } = await openThreads();
  return {
    placement,
    settle: (something) => something,
    until: waitUntil,
    kill: async () => [...running][0]?.kill(),
    running: () => running.size,
    async [Symbol.asyncDispose]() {
      await placement.close();
      await node.stop({ timeoutMs: 0 });
    },
  };
});

testPlacement("createSupervisorPlacement, real processes", async (): Promise<PlacementBench> => {
  const machine = await createRealMachine();
  const clock = createSystemClock();
  const { random, store, control } = machine;
  const supervisor = await createSupervisor({ control: control(), store, clock, random });
  const pids = () =>
    supervisor
      .status()
      .map(({ pid }) => pid)
      .filter((pid) => pid !== 0 && machine.isAlive(pid));
  return {
    placement: createSupervisorPlacement({
      supervisor,
      clock,
      childOf: (component, slot) => ({
        name: `${component}-${slot}`,
        program: componentProgram({ paths: [APP], cwd: process.cwd(), component, node: `${component}-${slot}` }),
        rules: { backoffMinMs: 20, settleMs: 10 },
      }),
      processesMax: 3,
    }),
    settle: (something) => something,
    until: waitUntil,
    kill: async () => machine.act(pids()[0] ?? 0, "kill"),
    running: () => pids().length,
    async [Symbol.asyncDispose]() {
      await supervisor.kill();
      await machine[Symbol.asyncDispose]();
    },
  };
});

test("createThreadPlacement lets threads answer calls, and ends each call for certain when it closes", async (t) => {
  const { node, placement } = await openThreads();
  t.after(async () => {
    await placement.close();
    await node.stop({ timeoutMs: 0 });
  });
  await placement.grow("shop", 2);
  const client = node.client(Shop);
  const answering = new Set<string | undefined>();
  await waitUntil(async () => {
    const replies = await Promise.all(Array.from({ length: 4 }, () => client.work({ ms: 5 })));
    for (const { node: name } of replies) answering.add(name.split("-")[1]);
    return answering.size === 2;
  });
  const last = Array.from({ length: 4 }, () => outcomeOf(client.work({ ms: 50 })));
  await placement.close();
  for (const outcome of await Promise.all(last))
    assert.ok(outcome.kind === "reply" || outcome.error.definite, JSON.stringify(outcome));
});

test("startThread says why a thread cannot run", async () => {
  const thread = startThread({ paths: ["no-such-file.ts"], cwd: "/", node: "lost", seeds: [] });
  await assert.rejects(thread.ready, { code: "unavailable", message: /^Cannot run thread "lost": .*no-such-file/ });
  await thread.ended;
});
