// From overload to a second instance that answers.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemRandom, type Directory, type Node, outcomeOf } from "@orrery/core";
import { createGossipDirectory, createMeshClient, createMeshNode } from "@orrery/mesh";
import { createSupervisorPlacement, type Placement, type SizeNodeOptions, sizeNode } from "@orrery/mesh/elastic";
import { componentProgram, createStateFile, createSupervisor, createSystemControl } from "@orrery/mesh/supervise";
import { Shop, shop } from "./shop.ts";

/** Where the second instance runs. */
export interface Rung {
  readonly name: string;
  /** What it has for its own. Default: nothing, it runs in the same node. */
  readonly isolate?: "process" | "thread";
  /** Blanks that are kept for it. Default: 0. */
  readonly blanks?: number;
  /** Instances that are kept warm. Default: 0. */
  readonly spares?: number;
}

/** Where all may run. */
export const RUNGS: readonly Rung[] = [
  { name: "the same node" },
  { name: "a thread", isolate: "thread" },
  { name: "a thread, one kept blank", isolate: "thread", blanks: 1 },
  { name: "a process", isolate: "process" },
  { name: "a process, one kept blank", isolate: "process", blanks: 1 },
  { name: "the same node, one kept warm", spares: 1 },
];

/** How too much comes: all of it at once, or more and more. */
export type Load = "at once" | "rising";

const APP = join(import.meta.dirname, "shop.ts");
/** What one instance has to do for each call that is too many, and how soon they come where they rise: four times what one can do. */
const WORK_MS = 20;
const EVERY_MS = 5;
/** Calls that come at once: more than one instance does while the second is waited for. */
const BURST = 100;
/** When what is kept blank or warm is there. */
const SETTLED_MS = 900;

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
export async function measureResponse(rung: Rung, load: Load, waitMs: number): Promise<number> {
  const own = createGossipDirectory();
  const node = await createMeshNode({ components: [shop], listen: ["tcp://127.0.0.1:0"], directory: own });
  await node.start();
  const setting = await settingOf(rung, node);
  const isWithin = setting.placements.length === 0;
  const rules = { waitMs, max: 2, spares: rung.spares ?? 0 };
  const options: SizeNodeOptions = { components: { shop: rules }, instancesMax: isWithin ? 2 : 1 };
  const elastic = sizeNode(node, { ...options, placements: setting.placements });
  const client = await createMeshClient({ directory: setting.directory });
  const caller = client.client(Shop);
  await caller.work({ ms: 1 });
  await node.clock.sleep(SETTLED_MS);
  const answered = new Set<string>();
  const beganMs = performance.now();
  let tookMs = 0;
  const call = (ms: number) =>
    void outcomeOf(caller.work({ ms })).then((outcome) => {
      if (outcome.kind !== "reply") return;
      answered.add(outcome.value.instance);
      if (answered.size === 2 && tookMs === 0) tookMs = performance.now() - beganMs;
    });
  if (load === "at once") for (let sent = 0; sent < BURST; sent++) call(WORK_MS);
  while (tookMs === 0 && performance.now() - beganMs < 20_000) {
    call(load === "at once" ? 0 : WORK_MS);
    await node.clock.sleep(EVERY_MS);
  }
  await elastic.stop();
  await setting.close();
  await Promise.all([client.stop(), node.stop({ timeoutMs: 0 })]);
  if (tookMs === 0) throw new Error(`Cannot measure ${rung.name}: no second instance answered within 20 s`);
  return tookMs;
}

async function settingOf(rung: Rung, node: Node): Promise<Setting> {
  if (rung.isolate !== undefined) return await childrenBeside(rung, node);
  const directory = createGossipDirectory({ seeds: node.addresses });
  return { placements: [], directory, close: async () => undefined };
}

async function childrenBeside(
  { isolate = "process", blanks = 0 }: Rung,
  { addresses, clock, name }: Node,
): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-elastic-"));
  let places: readonly string[] = addresses;
  const control = createSystemControl({ folder: join(folder, "s"), blanks: { [isolate]: blanks } });
  const supervisor = await createSupervisor({
    control,
    store: createStateFile(join(folder, "state.json")),
    clock,
    random: createSystemRandom(),
    onRoutes: (routes) => {
      places = [...addresses, ...routes.values()];
    },
  });
  const children = createSupervisorPlacement({
    supervisor,
    clock,
    processesMax: 1,
    childOf: (component, slot) => ({
      name: `${component}-${slot}`,
      program: componentProgram({ isolate, paths: [APP], cwd: "/", component, node: `${name}-${isolate}-${slot}` }),
    }),
  });
  return {
    placements: [children],
    directory: { resolve: () => places, components: () => ["shop"] },
    async close() {
      await supervisor.stop();
      await control.settled();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
