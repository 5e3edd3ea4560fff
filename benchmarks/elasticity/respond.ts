// From overload to a second instance that answers.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemRandom, type Directory, type Node, outcomeOf } from "@orrery/core";
import { createGossipDirectory, createMeshClient, createMeshNode } from "@orrery/mesh";
import {
  createSupervisorPlacement,
  createThreadPlacement,
  type Placement,
  type SizeNodeOptions,
  sizeNode,
  startThread,
} from "@orrery/mesh/elastic";
import { componentProgram, createStateFile, createSupervisor, createSystemControl } from "@orrery/mesh/supervise";
import { Shop, shop } from "./shop.ts";

/** Where the second instance runs. */
export type Rung = "the same node" | "a thread" | "a process" | "the same node, one kept warm";

/** Where all may run. */
export const RUNGS: readonly Rung[] = ["the same node", "a thread", "a process", "the same node, one kept warm"];

const APP = join(import.meta.dirname, "shop.ts");
/** Each call takes so long, and comes so soon after the one before: four times what one instance can do. */
const WORK_MS = 20;
const EVERY_MS = 5;

/** Time of a process of Node that does nothing, in ms, from its start to its end. */
export function bareStartMs(): number {
  const beganMs = performance.now();
  spawnSync(process.execPath, ["-e", "0"]);
  return performance.now() - beganMs;
}

interface Setting {
  readonly placements: readonly Placement[];
  /** Where the client finds the shop. */
  readonly directory: Directory;
  close(): Promise<void>;
}

/** Time from the first call too many until a second instance has answered, in ms. */
export async function measureResponse(rung: Rung, waitMs: number): Promise<number> {
  const own = createGossipDirectory();
  const node = await createMeshNode({ components: [shop], listen: ["tcp://127.0.0.1:0"], directory: own });
  await node.start();
  const setting = await settingOf(rung, node);
  const isWithin = setting.placements.length === 0;
  const rules = { waitMs, max: 2, spares: rung === "the same node, one kept warm" ? 1 : 0 };
  const options: SizeNodeOptions = { components: { shop: rules }, instancesMax: isWithin ? 2 : 1 };
  const elastic = sizeNode(node, { ...options, placements: setting.placements });
  const client = await createMeshClient({ directory: setting.directory });
  const caller = client.client(Shop);
  await caller.work({ ms: 1 });
  await node.clock.sleep(200); // A warm one is there by now.
  const answered = new Set<string>();
  const beganMs = performance.now();
  let tookMs = 0;
  while (tookMs === 0 && performance.now() - beganMs < 20_000) {
    void outcomeOf(caller.work({ ms: WORK_MS })).then((outcome) => {
      if (outcome.kind !== "reply") return;
      answered.add(outcome.value.instance);
      if (answered.size === 2 && tookMs === 0) tookMs = performance.now() - beganMs;
    });
    await node.clock.sleep(EVERY_MS);
  }
  await elastic.stop();
  await setting.close();
  await Promise.all([client.stop(), node.stop({ timeoutMs: 0 })]);
  if (tookMs === 0) throw new Error(`Cannot measure ${rung}: no second instance answered within 20 s`);
  return tookMs;
}

async function settingOf(rung: Rung, node: Node): Promise<Setting> {
  const address = node.addresses[0] ?? "";
  if (rung === "a thread") return threadsBeside(node, address);
  if (rung === "a process") return await processesBeside(node, address);
  const directory = createGossipDirectory({ seeds: [address] });
  return { placements: [], directory, close: async () => undefined };
}

function threadsBeside(node: Node, address: string): Setting {
  const threads = createThreadPlacement({
    clock: node.clock,
    start: startThread,
    threadsMax: 1,
    programOf: (component, slot) => ({
      paths: [APP],
      cwd: "/",
      component,
      node: `${node.name}-thread-${slot}`,
      seeds: [address],
    }),
  });
  return {
    placements: [threads],
    directory: createGossipDirectory({ seeds: [address] }),
    close: () => threads.close(),
  };
}

async function processesBeside({ clock, name }: Node, address: string): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-elastic-"));
  let places: readonly string[] = [address];
  const supervisor = await createSupervisor({
    control: createSystemControl({ folder: join(folder, "s") }),
    store: createStateFile(join(folder, "state.json")),
    clock,
    random: createSystemRandom(),
    onRoutes: (routes) => {
      places = [address, ...routes.values()];
    },
  });
  const processes = createSupervisorPlacement({
    supervisor,
    clock,
    processesMax: 1,
    childOf: (component, slot) => ({
      name: `${component}-${slot}`,
      program: componentProgram({ paths: [APP], cwd: "/", component, node: `${name}-process-${slot}` }),
    }),
  });
  return {
    placements: [processes],
    directory: { resolve: () => places, components: () => ["shop"] },
    async close() {
      await supervisor.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
