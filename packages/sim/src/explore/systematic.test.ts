import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json } from "@orrery/core";
import { explore } from "./explore.ts";
import { defineScenario } from "./scenario.ts";

const Notes = defineService("notes", {
  note: { request: json<{ who: string }>(), reply: json<Record<string, never>>() },
});

/** Clients that each write their name once; `seen` gets every order in which a server had them. */
function writers(count: number, serverOf: (client: number) => string, seen: Set<string>) {
  const servers = [...new Set(Array.from({ length: count }, (_, index) => serverOf(index)))];
  return defineScenario("writers", {
    world: { link: { latency: 1 } },
    setup(world) {
      const orders = new Map<string, string[]>(servers.map((name) => [name, []]));
      for (const name of servers) {
        const order = orders.get(name) as string[];
        const handlers = () => ({
          note: async ({ who }: { readonly who: string }) => {
            order.push(who);
            return {};
          },
        });
        world.node(name, { components: [defineComponent(serviceAt(name), handlers)] });
      }
      for (let index = 0; index < count; index++) {
        const service = serviceAt(serverOf(index));
        world.node(`c${index}`, {
          run: async (node) => void (await node.life.client(service).note({ who: `c${index}` })),
        });
      }
      return orders;
    },
    check(orders) {
      seen.add([...orders.values()].map((order) => order.join()).join(" | "));
    },
  });
}

const services = new Map<string, typeof Notes>();

function serviceAt(name: string): typeof Notes {
  const known = services.get(name) ?? (defineService(name, { note: Notes.methods.note }) as unknown as typeof Notes);
  services.set(name, known);
  return known;
}

test("explore tries every order of three messages to one server, systematically", async () => {
  const seen = new Set<string>();
  const { isComplete, runs } = await explore(
    writers(3, () => "server", seen),
    { strategies: ["systematic"], runs: 5000 },
  );
  assert.equal(isComplete, true);
  assert.deepEqual([...seen].sort(), ["c0,c1,c2", "c0,c2,c1", "c1,c0,c2", "c1,c2,c0", "c2,c0,c1", "c2,c1,c0"]);
  assert.ok(runs >= 6 && runs < 2000, `${runs} runs`);
});

test("explore does not try orders that make no difference", async () => {
  const { isComplete, runs } = await explore(
    writers(4, (client) => `server${client}`, new Set()),
    { strategies: ["systematic"], runs: 5000 },
  );
  assert.deepEqual([isComplete, runs], [true, 1]);
});
