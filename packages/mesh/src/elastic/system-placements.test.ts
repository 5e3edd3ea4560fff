import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSystemClock, type Directory, outcomeOf } from "@orrery/core";
import { ISOLATES, type Isolate } from "../isolate.ts";
import { createMeshClient } from "../mesh-node.ts";
import { createSupervisor } from "../supervise/supervisor.ts";
import { createSystemControl } from "../supervise/system-control.ts";
import { componentProgram } from "../supervise/system-door.ts";
import { createRealMachine, createThreadMachine } from "../testing/supervise/real-machine.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { createSupervisorPlacement } from "./supervisor-placement.ts";
import { type PlacementBench, testPlacement } from "./testing/placement-suite.ts";
import { Shop } from "./testing/shop.ts";

const APP = fileURLToPath(new URL("./testing/shop-app.ts", import.meta.url));
const KINDS = { process: "real processes", thread: "threads" } as const;

/** A place for children of one kind, and where they are found. */
async function openPlace(isolate: Isolate) {
  const machine = await (isolate === "thread" ? createThreadMachine() : createRealMachine());
  const clock = createSystemClock();
  const { random, store } = machine;
  let places: readonly string[] = [];
  const control = createSystemControl({ folder: `${machine.folder}/s` });
  const onRoutes = (routes: ReadonlyMap<string, string>) => {
    places = [...routes.values()];
  };
  const supervisor = await createSupervisor({ control, store, clock, random, onRoutes });
  const placement = createSupervisorPlacement({
    supervisor,
    clock,
    childOf: (component, slot) => ({
      name: `${component}-${slot}`,
      program: componentProgram({ isolate, paths: [APP], cwd: process.cwd(), component, node: `${component}-${slot}` }),
      rules: { backoffMinMs: 20, settleMs: 10 },
    }),
    processesMax: 3,
  });
  const directory: Directory = { resolve: () => places, components: () => ["shop"] };
  const close = async () => {
    await supervisor.kill();
    await control.settled();
    await machine[Symbol.asyncDispose]();
  };
  return { machine, supervisor, placement, directory, close };
}

for (const isolate of ISOLATES)
  testPlacement(`createSupervisorPlacement, ${KINDS[isolate]}`, async (): Promise<PlacementBench> => {
    const { machine, supervisor, placement, directory, close } = await openPlace(isolate);
    const pids = () =>
      supervisor
        .status()
        .map(({ pid }) => pid)
        .filter((pid) => pid !== 0 && machine.isAlive(pid));
    const client = await createMeshClient({ directory });
    return {
      placement,
      settle: (something) => something,
      until: waitUntil,
      kill: async () => void (await outcomeOf(client.client(Shop).work({ ms: -1 }))), // Nobody ends a thread from outside.
      running: () => pids().length,
      async [Symbol.asyncDispose]() {
        await client.stop();
        await close();
      },
    };
  });

for (const isolate of ISOLATES)
  test(`createSupervisorPlacement, ${KINDS[isolate]}: they answer calls, and end each call for certain when they go`, async (t) => {
    const { supervisor, placement, directory, close } = await openPlace(isolate);
    const client = await createMeshClient({ directory });
    t.after(async () => {
      await client.stop();
      await close();
    });
    await placement.grow("shop", 2);
    const shop = client.client(Shop);
    const answering = new Set<string>();
    await waitUntil(async () => {
      const replies = await Promise.all(Array.from({ length: 4 }, () => shop.work({ ms: 5 })));
      for (const { node } of replies) answering.add(node);
      return answering.size === 2;
    });
    const last = Array.from({ length: 4 }, () => outcomeOf(shop.work({ ms: 50 })));
    await supervisor.stop();
    for (const outcome of await Promise.all(last))
      assert.ok(outcome.kind === "reply" || outcome.error.definite, JSON.stringify(outcome));
  });
