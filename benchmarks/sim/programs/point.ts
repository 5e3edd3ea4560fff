import { createNode, defineComponent, defineService, json } from "@orrery/core";
import type { ProgramFactory } from "../program.ts";

const CALLS = 2_000_000;

interface Costs {
  readonly pointMs: number;
  readonly loopMs: number;
}

const Meter = defineService("meter", { read: { request: json<number>(), reply: json<Costs>() } });

/** Takes what a loop makes, so that no loop is left out. */
let sink: unknown;

const meter = defineComponent(Meter, () => ({
  async read(calls, context) {
    const timed = (work: (index: number) => unknown) => {
      const startMs = performance.now();
      for (let index = 0; index < calls; index++) sink = work(index);
      return performance.now() - startMs;
    };
    return { pointMs: timed((index) => context.point("after-charge", index)), loopMs: timed((index) => index) };
  },
}));

/** What a named point costs a handler while nobody listens, beside the same loop without it. */
export const program: ProgramFactory = async () => {
  const node = createNode({ components: [meter] });
  await node.start();
  const client = node.client(Meter);
  for (let warming = 0; warming < 10; warming++) await client.read(CALLS / 10);
  return {
    async run() {
      const { pointMs, loopMs } = await client.read(CALLS);
      return { points: CALLS, pointMs, loopMs, kept: sink === undefined ? 0 : 1 };
    },
  };
};
