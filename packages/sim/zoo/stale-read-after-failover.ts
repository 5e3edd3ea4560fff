import { defineComponent, defineService, json, OrreryError, outcomeOf } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const SHIP_EVERY_MS = 50;

const methods = {
  write: { request: json<{ value: number }>(), reply: nothing, timeoutMs: 500 },
  read: { request: nothing, reply: json<{ value: number }>(), timeoutMs: 500 },
} as const;

const Primary = defineService("primary", methods);

const Standby = defineService("standby", {
  ...methods,
  ship: { request: json<{ value: number }>(), reply: nothing },
  promote: { request: nothing, reply: nothing },
  state: { request: nothing, reply: json<{ value: number; isPromoted: boolean }>() },
});

/** Ships what it has to the standby: before it says yes, or every now and then. */
const primary = (isFixed: boolean) =>
  defineComponent(Primary, (instance) => {
    let value = 0;
    let isRetired = false;
    const assertOn = () => {
      if (isRetired) throw new OrreryError("unavailable", "Cannot serve: the standby has taken over");
    };
    const ship = (latest: number) => instance.client(Standby).ship({ value: latest });
    const shipAgain = async (): Promise<void> => {
      await outcomeOf(ship(value));
      instance.clock.timer(SHIP_EVERY_MS, () => void shipAgain());
    };
    instance.onStart(async () => {
      ({ value, isPromoted: isRetired } = await instance.client(Standby).state({}));
    });
    if (!isFixed) instance.onReady(() => void shipAgain());
    return {
      async write(request) {
        assertOn();
        if (isFixed) await ship(request.value);
        ({ value } = request);
        return {};
      },
      async read() {
        assertOn();
        return { value };
      },
    };
  });

/** Takes what the primary ships, until it is promoted. */
const standby = defineComponent(Standby, () => {
  let value = 0;
  let isPromoted = false;
  const write = async (request: { readonly value: number }) => {
    ({ value } = request);
    return {};
  };
  return {
    write,
    read: async () => ({ value }),
    async ship(request) {
      if (isPromoted) throw new OrreryError("failed_precondition", "Cannot ship: the standby was promoted");
      return await write(request);
    },
    async promote() {
      isPromoted = true;
      return {};
    },
    state: async () => ({ value, isPromoted }),
  };
});

/** A primary with a standby, and a client that goes over to it once the primary fails. */
export const staleReadAfterFailover = plantBug({
  name: "stale read after failover",
  wrong: "the primary says yes to a write that the standby does not have when it takes over",
  scenario: (isFixed) => ({
    world: house,
    faults: ["crash", "pause"],
    faultyNodes: ["primary"],
    setup(world) {
      world.node("primary", { components: [primary(isFixed)] });
      world.node("standby", { components: [standby] });
      const it = { written: 0, read: 0, wrong: "" };
      world.node("client", {
        async run(node) {
          let isOver = false;
          const write = (value: number) => node.life.client(isOver ? Standby : Primary).write({ value });
          const read = () => node.life.client(isOver ? Standby : Primary).read({});
          const goOver = async () => {
            await node.life.client(Standby).promote({});
            isOver = true;
          };
          for (const [index, afterMs] of world.operations("write", 12, (draw) => draw.integer(200)).entries()) {
            await node.clock.sleep(afterMs);
            const outcome = await outcomeOf(write(index + 1));
            if (outcome.kind === "reply") it.written = index + 1;
            else await goOver();
            let seen = await outcomeOf(read());
            if (seen.kind !== "reply" && !isOver) {
              await goOver();
              seen = await outcomeOf(read());
            }
            if (seen.kind === "reply" && seen.value.value < it.written)
              it.wrong ||= `${it.written} was written, ${seen.value.value} is read`;
          }
        },
      });
      return it;
    },
    always: { "a write that was confirmed is seen by whoever reads": ({ wrong }) => wrong === "" || wrong },
  }),
});
