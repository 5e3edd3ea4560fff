import { defineComponent, defineService, json } from "@orrery/core";
import { checkLinearizability, createHistory, createWorld, type MapInput, mapModel, type Operation } from "@orrery/sim";
import type { ProgramFactory } from "../program.ts";

const CLIENTS = 50;
const KEYS = 10;
const LATENCY = { kind: "lognormal", medianMs: 5, sigma: 0.7 } as const;
/** Share of messages that are lost where some are: a call in about 20 then has no outcome. */
const LOSS = 0.025;

const Store = defineService("store", {
  get: { request: json<{ key: string }>(), reply: json<string | null>() },
  put: { request: json<{ key: string; value: string }>(), reply: json<null>() },
});

const store = defineComponent(Store, () => {
  const values = new Map<string, string>();
  return {
    get: async ({ key }) => values.get(key) ?? null,
    async put({ key, value }) {
      values.set(key, value);
      return null;
    },
  };
});

/** Checks the history of 50 clients of a key-value store in a world, `size` operations long; `lossy` loses some messages. */
export const program: ProgramFactory = async ({ size, variant }) => {
  const operations = await record(size, variant === "lossy" ? LOSS : 0);
  return {
    run() {
      const { verdict, steps } = checkLinearizability(mapModel<string>(), operations);
      if (verdict !== "yes") throw new Error(`the verdict on a store that works is ${verdict}`);
      const unknown = operations.filter(({ outcome }) => outcome === "unknown").length;
      return Promise.resolve({ histories: 1, operations: operations.length, unknown, steps });
    },
  };
};

async function record(size: number, loss: number): Promise<readonly Operation<MapInput<string>, string | null>[]> {
  await using world = createWorld({ seed: 1, link: { latency: LATENCY, loss } });
  world.node("store", { components: [store] });
  const history = createHistory<MapInput<string>, string | null>({ now: () => world.elapsedMs });
  let left = size;
  for (let client = 0; client < CLIENTS; client++) {
    const draw = world.draw(`client-${client}`);
    world.node(`client-${client}`, {
      async run({ life, clock }) {
        const calls = life.client(Store);
        while (left-- > 0) {
          const key = `key-${draw.integer(KEYS)}`;
          const value = `${client}.${left}`;
          const options = { timeoutMs: 200 };
          if (draw.chance(0.5)) await history.record(client, { kind: "get", key }, () => calls.get({ key }, options));
          else {
            const put = () => calls.put({ key, value }, options);
            await history.record(client, { kind: "put", key, value }, put);
          }
          await clock.sleep(draw.integer(3));
        }
      },
    });
  }
  await world.finish();
  return history.operations();
}
