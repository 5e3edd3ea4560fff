import { strict as assert } from "node:assert/strict";
import { test } from "node:test";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { type Disk, explore, type FaultKind, runScenario, type StrategyName } from "@orrery/sim";
import { createModelCage } from "../cage/model-cage.ts";
import { countingScenario } from "../testing/stateful-world.ts";

const RUNS = Number(process.env["ORRERY_RUNS"] ?? (process.env["ORRERY_LONG"] === "1" ? 10_000 : 80));

/**
 * All but `wipe`, which members bear one at a time, and `duplicate`, which would repeat what callers send, too: a repeated addition is another one.
 * What members say to one another comes twice now and then in all these worlds.
 */
const FAULTS: readonly FaultKind[] = ["crash", "partition", "clog", "pause", "slow", "loss", "reorder", "jump", "disk"];

/** Runs that share a cage: what its scripts used is given back with it, and no world must be one in which none can start. */
const RUNS_IN_CAGE = 500;

const openCage = () => createModelCage({ clock: createSystemClock(), random: createSystemRandom() });

async function holds(
  name: string,
  { strategies, isLive }: { readonly strategies: readonly StrategyName[]; readonly isLive: boolean },
) {
  let [runs, events] = [0, 0];
  while (runs < RUNS) {
    await using cage = await openCage();
    const scenario = countingScenario(name, { cage, faults: FAULTS, isLive });
    const part = Math.min(RUNS_IN_CAGE, RUNS - runs);
    const found = await explore(scenario, { runs: part, seed: 1 + runs, strategies, shrinkRuns: 0 });
    const from = `of ${part} runs from seed ${1 + runs}, ${found.strategy} in run ${found.runs}`;
    assert.equal(found.failure && `${found.failure.message} (${from})`, undefined);
    runs += found.runs;
    events += found.events;
  }
  assert.equal(runs, RUNS);
  return `${runs} runs, ${events} events`;
}

test("createStatefulMechtron loses no acknowledged message and gives no old one, whatever fails, and goes on within three silences", async (t) => {
  t.diagnostic(await holds("members count as one, and soon again", { strategies: ["seeds"], isLive: true }));
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
