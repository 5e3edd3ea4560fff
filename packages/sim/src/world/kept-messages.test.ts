import assert from "node:assert/strict";
import { test } from "node:test";
import { type Context, defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { explore } from "../explore/explore.ts";
import { runScenario } from "../explore/run-scenario.ts";
import { defineScenario, type FaultKind } from "../explore/scenario.ts";
import type { Disk } from "./disk.ts";
import { createDiskJournal } from "./disk-journal.ts";
import type { World } from "./world.ts";

const RUNS = process.env["ORRERY_LONG"] === "1" ? 20_000 : 1000;

const Orders = defineService("orders", {
  place: { request: json<{ order: string }>(), mode: "async", keep: true },
});

/** What was seen in a world, by order. */
interface Seen {
  readonly acknowledged: Set<string>;
  readonly refused: Set<string>;
  readonly begun: Map<string, Pick<Context, "attempt" | "idempotencyKey">[]>;
  readonly ended: string[];
}

const MOST: readonly FaultKind[] = [
  "crash",
  "partition",
  "clog",
  "pause",
  "slow",
  "loss",
  "duplicate",
  "reorder",
  "jump",
  "disk",
];

/** Customers whose orders are kept by a shop that crashes; `diskOf` may spoil the shop's disk. */
function setupShop(world: World, diskOf: (disk: Disk) => Disk): Seen {
  const seen: Seen = { acknowledged: new Set(), refused: new Set(), begun: new Map(), ended: [] };
  const orders = defineComponent(Orders, () => ({
    async place({ order }, { attempt, idempotencyKey, clock }) {
      seen.begun.set(order, [...(seen.begun.get(order) ?? []), { attempt, idempotencyKey }]);
      await clock.sleep(2);
      seen.ended.push(order);
    },
  }));
  world.node("shop", {
    components: [orders],
    journal: ({ disk }) =>
      createDiskJournal(
        patient(diskOf(disk), () => world.nodes.get("shop")?.clock.sleep(20)),
        { segmentBytes: 1000, spentBytesMax: 2000, entriesMax: 20 },
      ),
  });
  for (const name of ["ann", "bob"])
    world.node(name, {
      async run({ life, clock }) {
        for (let number = 0; number < 10; number++) {
          await clock.sleep(world.draw(`${name} waits`).integer(40));
          const order = `${name}-${life.incarnation}-${number}`;
          const ticket = life.send(Orders).place({ order }, { idempotencyKey: order, timeoutMs: 2000 });
          const { kind, definite } = await outcomeOf(ticket.accepted);
          if (kind === "reply") seen.acknowledged.add(order);
          else if (definite) seen.refused.add(order);
        }
      },
    });
  return seen;
}

/** A disk that is read again until that works, where a real node would fail to start and be started again by its supervisor. */
function patient(disk: Disk, pause: () => Promise<void> | undefined): Disk {
  const again = async <T>(read: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await read();
      } catch {
        await pause();
      }
    }
  };
  return { ...plain(disk), read: (name) => again(() => disk.read(name)), list: () => again(() => disk.list()) };
}

function plain(disk: Disk): Disk {
  return {
    read: (name) => disk.read(name),
    write: (name, bytes) => disk.write(name, bytes),
    append: (name, bytes) => disk.append(name, bytes),
    remove: (name) => disk.remove(name),
    list: () => disk.list(),
    sync: () => disk.sync(),
  };
}

/** Starts the shop once more, on the disk that the faults have left, and looks at what became of every order. */
async function judge(seen: Seen, world: World, isWiped: boolean): Promise<string | true> {
  const shop = world.nodes.get("shop") ?? assert.fail("no shop");
  await world.settle(shop.restart());
  await world.run({ forMs: 5000 });
  const dead = await world.settle(shop.life.deadMessages());
  const ended = new Set([...seen.ended, ...dead.map(({ idempotencyKey }) => idempotencyKey)]);
  const lost = [...seen.acknowledged].filter((order) => !ended.has(order));
  if (lost.length > 0 && !isWiped) return `${lost} was acknowledged and lost`;
  const undone = [...seen.refused].filter((order) => seen.begun.has(order));
  if (undone.length > 0) return `${undone} was refused for certain, and handled`;
  for (const [order, begun] of seen.begun)
    if (begun.some(({ idempotencyKey }) => idempotencyKey !== order)) return `${order} has another key`;
  return true;
}

function scenarioOf(name: string, faults: readonly FaultKind[], diskOf: (disk: Disk) => Disk = (disk) => disk) {
  return defineScenario<Seen>(name, {
    world: { link: { latency: { kind: "uniform", minMs: 1, maxMs: 5 } } },
    setup: (world) => setupShop(world, diskOf),
    faults,
    leaks: "ignore",
    check: (seen, world) => judge(seen, world, faults.includes("wipe")),
  });
}

test("a kept message that was acknowledged is handled, whatever goes wrong, and none that was refused for certain is", async () => {
  const { failure, runs } = await explore(scenarioOf("orders are kept", MOST), { runs: RUNS });
  assert.equal(failure?.message, undefined);
  assert.equal(runs, RUNS);
});

test("a kept message that was refused for certain is not handled, even where disks are wiped", async () => {
  const { failure } = await explore(scenarioOf("orders on wiped disks", [...MOST, "wipe"]), { runs: RUNS / 4 });
  assert.equal(failure?.message, undefined);
});

test("a journal that does not wait for its disk is found out", async () => {
  const hasty = (disk: Disk): Disk => ({ ...plain(disk), sync: async () => undefined });
  const { failure } = await explore(scenarioOf("orders without a sync", ["crash"], hasty), {
    runs: 200,
    shrinkRuns: 0,
  });
  assert.match(failure?.message ?? "", /was acknowledged and lost/);
});

test("a journal on a modelled disk keeps runs of one seed alike", async () => {
  const scenario = scenarioOf("orders are kept", MOST);
  const hashes = new Set<string>();
  for (let run = 0; run < 5; run++) hashes.add((await runScenario(scenario, { seed: 11 })).hash);
  assert.equal(hashes.size, 1);
});
