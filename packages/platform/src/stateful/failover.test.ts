import { strict as assert } from "node:assert/strict";
import { test } from "node:test";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { type Disk, explore, type FaultKind, runScenario, type StrategyName } from "@orrery/sim";
import { createModelCage } from "../cage/model-cage.ts";
import { countingScenario } from "../testing/stateful-world.ts";

const RUNS = Number(process.env["ORRERY_RUNS"] ?? (process.env["ORRERY_LONG"] === "1" ? 10_000 : 80));

/** All but `duplicate`: no real transport repeats a message, and a repeated addition is another one. And `wipe`, which members bear one at a time. */
const FAULTS: readonly FaultKind[] = ["crash", "partition", "clog", "pause", "slow", "loss", "reorder", "jump", "disk"];

/** Runs that share a cage: what its scripts used is given back with it, and no world must be one in which none can start. */
const RUNS_IN_CAGE = 500;

const openCage = () => createModelCage({ clock: createSystemClock(), random: createSystemRandom() });

async function holds(
  name: string,
  options: {
    readonly strategies: readonly StrategyName[];
    readonly isLive: boolean;
    readonly seed?: number;
    readonly wanted?: number;
  },
) {
  const { strategies, isLive, seed = 1, wanted = RUNS } = options;
  let [runs, events] = [0, 0];
  while (runs < wanted) {
    await using cage = await openCage();
    const scenario = countingScenario(name, { cage, faults: FAULTS, isLive });
    const part = Math.min(RUNS_IN_CAGE, wanted - runs);
    const found = await explore(scenario, { runs: part, seed: seed + runs, strategies, shrinkRuns: 0 });
    const from = `of ${part} runs from seed ${seed + runs}, ${found.strategy} in run ${found.runs}`;
    assert.equal(found.failure && `${found.failure.message} (${from})`, undefined);
    runs += found.runs;
    events += found.events;
  }
  assert.equal(runs, wanted);
  return `${runs} runs, ${events} events`;
}

test("createStatefulMechtron loses no acknowledged message and gives no old one, whatever fails, and goes on within three silences", async (t) => {
  t.diagnostic(await holds("members count as one, and soon again", { strategies: ["seeds"], isLive: true }));
});

test("createStatefulMechtron goes on although a member is asked to answer in an epoch that it has lost", async (t) => {
  // Among these runs, one member had another's epoch of which that one knew nothing any more, and both waited for one another.
  const found = { strategies: ["seeds"], isLive: true, seed: 8_501, wanted: 25 } as const;
  t.diagnostic(await holds("members count as one, and soon again", found));
});

test("createStatefulMechtron loses no acknowledged message and gives no old one, in any order of events", async (t) => {
  t.diagnostic(await holds("members count as one", { strategies: ["random", "pct", "delays"], isLive: false }));
});

test("a member that does not wait for its disk is found out", async () => {
  const hasty = (disk: Disk): Disk => ({
    read: (name) => disk.read(name),
    write: (name, bytes) => disk.write(name, bytes),
    append: (name, bytes) => disk.append(name, bytes),
    remove: (name) => disk.remove(name),
    list: () => disk.list(),
    sync: async () => undefined,
  });
  await using cage = await openCage();
  const scenario = countingScenario("hasty members", {
    cage,
    faults: ["crash"],
    isLive: false,
    spoil: hasty,
  });
  const { failure } = await explore(scenario, { runs: 1_000, seed: 150, strategies: ["seeds"], shrinkRuns: 0 });
  assert.match(failure?.message ?? "", /Not linearizable|counter/);
});

test("createStatefulMechtron takes the same way each time in a simulated world", async () => {
  await using cage = await openCage();
  const scenario = countingScenario("members count as one", { cage, faults: FAULTS, isLive: true });
  const hashes = new Set<string>();
  for (let run = 0; run < 3; run++) hashes.add((await runScenario(scenario, { seed: 11 })).hash);
  assert.equal(hashes.size, 1);
});
