import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { createTape, type Tape } from "../chance/tape.ts";
import { writeTimedFault } from "../faults/fault-text.ts";
import { explore } from "./explore.ts";
import { defineScenario } from "./scenario.ts";
import { atOtherTimes, evenLinks, faultsInstead, withoutTimes } from "./simplify.ts";

const faultsOf = ({ faults }: Tape) => faults.map(writeTimedFault);

test("faultsInstead tells events that came late as what makes them late", () => {
  const delays = { "a#1": 1000, "a#2": 2000, "a#3": 3000, "b#1": 50 };
  const steps = [
    { id: "a#1", node: "b", tick: 5000 },
    { id: "a#2", node: "b", tick: 7000 },
    { id: "a#3", node: "b", tick: 9000 },
    { id: "b#1", node: "a", tick: 9500 },
    { id: "b#2", node: "a", tick: 9600 },
  ];
  const tapes = faultsInstead({ ...createTape(1), delays }, steps);
  assert.deepEqual(tapes.map(faultsOf), [
    ["at 4 ms: pause b", "at 9 ms: resume b"],
    ["at 4 ms: clog a>b", "at 9 ms: unclog a>b"],
    ["at 0 ms: link a>b latency 2"],
  ]);
  for (const tape of tapes) assert.deepEqual(tape.delays, { "b#1": 50 });
});

test("evenLinks tells latencies of one direction as one, where there are several", () => {
  const picks = {
    "latency a>b 1": 1000,
    "latency a>b 2": 5000,
    "latency a>b 7": 3000,
    "latency b>a 1": 9,
    "draw x 1": 3,
  };
  const [tape, ...others] = evenLinks({ ...createTape(1), picks });
  assert.equal(others.length, 0);
  assert.deepEqual(
    [tape?.picks, tape && faultsOf(tape)],
    [{ "latency b>a 1": 9, "draw x 1": 3 }, ["at 0 ms: link a>b latency 3"]],
  );
});

test("atOtherTimes moves faults together to the events of a run, and leaves those of the beginning", () => {
  const tape: Tape = {
    ...createTape(1),
    picks: { "latency a>b 1": 1, "draw x 1": 3 },
    delays: { "a#1": 4 },
    faults: [
      { atMs: 0, fault: { verb: "link", from: "*", to: "*", change: { loss: 0.1 } } },
      { atMs: 10, fault: { verb: "crash", node: "a" } },
      { atMs: 12, fault: { verb: "restart", node: "a" } },
    ],
  };
  const bare = withoutTimes(tape);
  assert.deepEqual([bare.picks, bare.delays], [{ "draw x 1": 3 }, {}]);
  const moved = atOtherTimes(
    bare,
    [0, 3000, 3000, 20_000].map((tick) => ({ id: "a#1", node: "a", tick })),
  );
  assert.deepEqual(
    moved.map(({ faults }) => faults.map(({ atMs }) => atMs)),
    [
      [0, 3, 5],
      [0, 20, 22],
    ],
  );
});

const Pair = defineService("pair", { move: { request: json<{ by: number }>(), reply: json<Record<string, never>>() } });

test("explore takes latencies off a failure whose crash must come at one moment", async () => {
  const scenario = defineScenario("both files change", {
    world: { link: { latency: { kind: "uniform", minMs: 1, maxMs: 5 } } },
    faults: ["crash"],
    faultyNodes: ["store"],
    leaks: "ignore",
    setup(world) {
      const { disk } = world.node("store", {
        components: ({ disk: files }) => [
          defineComponent(Pair, () => ({
            async move({ by }) {
              await files.write("first", Uint8Array.of(by));
              await files.sync();
              await files.write("second", Uint8Array.of(by));
              await files.sync();
              return {};
            },
          })),
        ],
      });
      world.node("owner", {
        async run(node) {
          const moves = world.operations("moves", 10, (draw) => 1 + draw.integer(100));
          // Whoever is told of a failure stops: what comes later would hide it.
          for (const by of moves) if ((await outcomeOf(node.life.client(Pair).move({ by }))).kind !== "reply") return;
        },
      });
      return disk;
    },
    async check(disk, world) {
      const read = async (name: string) => (await disk.read(name))?.[0] ?? 0;
      const [first, second] = [await world.settle(read("first")), await world.settle(read("second"))];
      return first === second || `${first} is not ${second}`;
    },
  });
  const { failure, tape } = await explore(scenario, { runs: 2000 });
  assert.equal(failure?.kind, "check");
  assert.ok(tape);
  assert.deepEqual(
    Object.keys(tape.picks).filter((key) => key.startsWith("latency")),
    [],
  );
  assert.deepEqual([Object.keys(tape.delays).length, tape.faults.length <= 2], [0, true]);
});
