// node --conditions=source benchmarks/programs/points.ts: what a named point costs a handler while nobody listens, in ns a call.
import { createNode, defineComponent, defineService, json } from "@orrery/core";

const CALLS = 5_000_000;
const ROUNDS = 7;

interface Costs {
  readonly point: number;
  readonly maybe: number;
  readonly loop: number;
}

const Meter = defineService("meter", { read: { request: json<number>(), reply: json<Costs>() } });

/** Takes what a loop makes, so that no loop is left out. */
let sink: unknown;

const meter = defineComponent(Meter, () => ({
  async read(calls, context) {
    const timed = (work: (index: number) => unknown) => {
      const startMs = performance.now();
      for (let index = 0; index < calls; index++) sink = work(index);
      return ((performance.now() - startMs) / calls) * 1e6;
    };
    return {
      point: timed((index) => context.point("after-charge", index)),
      maybe: timed(() => context.maybe("cache-miss")),
      loop: timed((index) => index),
    };
  },
}));

await using node = createNode({ components: [meter] });
await node.start();
const rounds: Costs[] = [];
for (let round = 0; round < ROUNDS; round++) rounds.push(await node.client(Meter).read(CALLS));
for (const what of ["point", "maybe", "loop"] as const) {
  const costs = rounds.map((round) => round[what]).sort((a, b) => a - b);
  console.log(`${what.padEnd(6)} ${costs[Math.floor(ROUNDS / 2)]?.toFixed(1)} ns`);
}
void sink;
