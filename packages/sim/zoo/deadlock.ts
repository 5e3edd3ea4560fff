import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { house, plantBug } from "./plant.ts";

const PATIENCE_MS = 10_000;

const accountAt = (name: string) =>
  defineService(`account-${name}`, {
    change: { request: json<{ cents: number }>(), reply: json<{ balance: number }>() },
    /** Takes cents from another account, or gives them to it when below 0. */
    take: { request: json<{ other: string; cents: number }>(), reply: json<{ balance: number }>() },
  });

const ACCOUNTS = new Map(["a", "b", "c"].map((name) => [name, accountAt(name)]));

function serviceOf(name: string): ReturnType<typeof accountAt> {
  return ACCOUNTS.get(name) ?? accountAt(name);
}

const account = (name: string) =>
  defineComponent(serviceOf(name), () => {
    let balance = 0;
    const change = (cents: number) => {
      balance += cents;
      return { balance };
    };
    return {
      change: async ({ cents }) => change(cents),
      async take({ other, cents }, context) {
        await context.client(serviceOf(other)).change({ cents: -cents });
        return change(cents);
      },
    };
  });

/** Accounts that move money between one another, each busy until the other has answered. */
export const deadlock = plantBug({
  name: "deadlock AB/BA",
  wrong: "two accounts move money to each other at once, and each waits for the other",
  scenario: (isFixed) => ({
    world: house,
    setup(world) {
      const names = [...ACCOUNTS.keys()];
      const it = { wrong: "" };
      for (const name of names) world.node(`bank-${name}`, { components: [account(name)] });
      for (const teller of ["teller-1", "teller-2"])
        world.node(teller, {
          async run(node) {
            for (const { afterMs, to, cents, by } of world.operations(teller, 4, (draw) => ({
              afterMs: draw.integer(500),
              to: draw.integer(names.length),
              by: 1 + draw.integer(names.length - 1),
              cents: 1 + draw.integer(100),
            }))) {
              await node.clock.sleep(afterMs);
              const taker = names[to] as string;
              const giver = names[(to + by) % names.length] as string;
              const isAsked = !isFixed || taker < giver; // The later one never asks the earlier one.
              const [own, other] = isAsked ? [taker, giver] : [giver, taker];
              const moved = node.life
                .client(serviceOf(own))
                .take({ other, cents: isAsked ? cents : -cents }, { timeoutMs: PATIENCE_MS });
              const { kind } = await outcomeOf(moved);
              if (kind !== "reply") it.wrong ||= `a transfer from ${giver} to ${taker} ended in ${kind}`;
            }
          },
        });
      return it;
    },
    always: { "every transfer ends within 10 s": ({ wrong }) => wrong === "" || wrong },
  }),
});
