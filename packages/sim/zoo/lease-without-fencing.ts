import { defineComponent, defineService, json, OrreryError, outcomeOf } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const LEASE_MS = 300;

const Locks = defineService("locks", {
  /** Token 0 means that another one has it. */
  acquire: { request: json<{ who: string }>(), reply: json<{ token: number }>() },
  release: { request: json<{ token: number }>(), reply: nothing },
});

const Page = defineService("page", {
  read: { request: json<{ token: number }>(), reply: json<{ visits: number }>() },
  write: { request: json<{ token: number; visits: number }>(), reply: nothing },
});

const locks = defineComponent(Locks, (instance) => {
  let last = 0;
  let held = 0;
  let untilMs = 0;
  return {
    async acquire() {
      if (held !== 0 && instance.clock.monotonic() < untilMs) return { token: 0 };
      held = ++last;
      untilMs = instance.clock.monotonic() + LEASE_MS;
      return { token: held };
    },
    async release({ token }) {
      if (token === held) held = 0;
      return {};
    },
  };
});

/** Storage that may refuse who held the lock before the one that it saw last. */
const page = (isFixed: boolean) =>
  defineComponent(Page, () => {
    let visits = 0;
    let highest = 0;
    const admit = (token: number) => {
      if (isFixed && token < highest)
        throw new OrreryError("aborted", `Cannot use token ${token}: ${highest} was here`);
      highest = Math.max(highest, token);
    };
    return {
      async read({ token }) {
        admit(token);
        return { visits };
      },
      async write(request) {
        admit(request.token);
        ({ visits } = request);
        return {};
      },
    };
  });

/** Workers that change a page one at a time, as long as none of them stalls for longer than its lease. */
export const leaseWithoutFencing = plantBug({
  name: "lease without fencing",
  wrong: "a worker stalls, loses its lease without knowing, and overwrites what the next holder wrote",
  scenario: (isFixed) => ({
    world: house,
    faults: ["pause"],
    faultyNodes: ["worker-1", "worker-2"],
    setup(world) {
      world.node("locks", { components: [locks] });
      const store = world.node("store", { components: [page(isFixed)] });
      const it = { store, confirmed: 0 };
      for (const who of ["worker-1", "worker-2"])
        world.node(who, {
          async run(node) {
            const { client } = node.life;
            for (const afterMs of world.operations(who, 4, (draw) => draw.integer(400))) {
              await node.clock.sleep(afterMs);
              let { token } = await client(Locks).acquire({ who });
              for (; token === 0; { token } = await client(Locks).acquire({ who })) await node.clock.sleep(20);
              const read = await outcomeOf(client(Page).read({ token }));
              if (read.kind !== "reply") continue;
              await node.clock.sleep(20);
              const written = await outcomeOf(client(Page).write({ token, visits: read.value.visits + 1 }));
              if (written.kind === "reply") it.confirmed++;
              await client(Locks).release({ token });
            }
          },
        });
      return it;
    },
    async check({ store, confirmed }, world) {
      const { visits } = await world.settle(store.life.client(Page).read({ token: Number.MAX_SAFE_INTEGER }));
      return visits >= confirmed || `${confirmed} changes were confirmed, ${visits} are there`;
    },
  }),
});
