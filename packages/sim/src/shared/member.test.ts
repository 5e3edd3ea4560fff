import assert from "node:assert/strict";
import { test } from "node:test";
import { type Outcomes, setupMarket } from "../testing/market.ts";
import { createWorld } from "../world/create-world.ts";
import type { World } from "../world/world.ts";
import type { WorldOptions } from "../world/world-options.ts";
import { runLocalMembers } from "./local-members.ts";

/** Where a node stays down, others try to reach it for ever. */
const END_MS = 2000;

const SEEDS = process.env["ORRERY_LONG"] === "1" ? 60 : 8;

const CASES: readonly { readonly name: string; readonly world?: WorldOptions; readonly faults?: readonly string[] }[] =
  [
    { name: "nothing going wrong" },
    { name: "latency that varies", world: { link: { latency: { kind: "uniform", minMs: 1, maxMs: 20 } } } },
    {
      name: "loss, bursts and repetition",
      world: { link: { latency: 2, loss: { enter: 0.05, leave: 0.2 }, duplicate: 0.1 } },
    },
    {
      name: "messages that overtake one another, and damage",
      world: { link: { latency: 2, reorder: { share: 0.3, byMs: 20 }, corrupt: 0.1 } },
    },
    { name: "slow links", world: { link: { latency: 1, bytesPerSecond: 20_000 } } },
    { name: "starts at different times", world: { startWithinMs: 50 } },
    {
      name: "crashes and restarts",
      faults: [
        "at 40 ms: crash cell",
        "at 90 ms: restart cell",
        "at 60 ms: crash notes",
        "at 120 ms: restart notes",
        "at 150 ms: restart-empty notes",
        "at 70 ms: restart visitor-1",
      ],
    },
    {
      name: "partitions that break connections",
      world: { breakAfterMs: 60 },
      faults: [
        "at 30 ms: partition cell,visitor-0 | till,notes,counter",
        "at 150 ms: heal",
        "at 180 ms: cut visitor-1>*",
        "at 260 ms: heal visitor-1>*",
      ],
    },
    {
      name: "pauses, clogs, slowness and clocks that jump",
      faults: [
        "at 20 ms: pause till",
        "at 80 ms: resume till",
        "at 30 ms: clog visitor-0>*",
        "at 90 ms: unclog visitor-0>*",
        "at 40 ms: slow counter 4 ms",
        "at 50 ms: jump notes -500 ms",
        "at 60 ms: disk notes slow",
      ],
    },
    {
      name: "links that change",
      faults: ["at 40 ms: link *>cell latency 0.5 loss 0.2", "at 120 ms: link *>* latency 3 reorder 0.2 5"],
    },
  ];

function setupOf(faults: readonly string[], kept: Outcomes[]) {
  return (world: World) => {
    kept.push(setupMarket(world));
    world.points({ at: "read", nth: 2 }, { delay: 15 });
    world.points({ at: "read", nth: 5 }, { crash: "node" });
    world.messages({ from: "visitor-0", nth: 4 }, { delayMs: 25 });
    for (const line of faults) {
      const [, atMs = "", fault = ""] = /^at (\d+) ms: (.+)$/.exec(line) ?? [];
      world.at(Number(atMs), fault);
    }
  };
}

for (const { name, world = {}, faults = [] } of CASES) {
  test(`createMember divides a world with ${name}, and all that happens stays the same`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const options = { link: { latency: 2 }, ...world, seed };
      const whole: Outcomes[] = [];
      const one = createWorld(options);
      setupOf(faults, whole)(one);
      await one.start();
      await one.run({ forMs: END_MS });
      const expected = { hash: one.trace.hash, events: one.events, outcomes: whole.flat().sort() };
      for (const members of [1, 2, 4]) {
        const kept: Outcomes[] = [];
        const place = members === 1 ? {} : randomPlaces([...one.nodes.keys()], members, seed);
        const result = await runLocalMembers({
          endMs: END_MS,
          members,
          place,
          world: options,
          setup: setupOf(faults, kept),
        });
        const outcomes = kept.flat().sort();
        assert.deepEqual(
          { hash: result.hash, outcomes, events: result.events },
          expected,
          `seed ${seed}, ${members} members, ${JSON.stringify(place)}`,
        );
        if (members === 1) continue;
        assert.ok(result.windows > 10, `${result.windows} windows`);
      }
    }
  });
}

function randomPlaces(names: readonly string[], members: number, seed: number): Readonly<Record<string, number>> {
  const draw = createWorld({ seed }).draw(`places ${members}`);
  return Object.fromEntries(names.map((name) => [name, draw.integer(members)]));
}
