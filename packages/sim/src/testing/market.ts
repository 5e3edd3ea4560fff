import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import type { World } from "../world/world.ts";
import { Cell, Counter, cell, counter, Till, till } from "./shop.ts";

const NOTES = defineService("notes", {
  keep: { request: json<{ text: string }>(), reply: json<{ kept: number }>() },
});

/** What the visitors of a market got. */
export type Outcomes = string[];

/**
 * A world of some nodes that all do something by themselves, for tests that compare how it is divided: calls over calls, named points, a disk,
 * timers, and visitors that note their outcomes.
 */
export function setupMarket(world: World, { visitors = 3, calls = 8 } = {}): Outcomes {
  const outcomes: Outcomes = [];
  world.node("cell", { components: [cell], zone: "a" });
  world.node("till", { components: [till], zone: "b" });
  world.node("counter", { components: [counter], zone: "a" });
  world.node("notes", {
    zone: "b",
    components: ({ disk }) => [
      defineComponent(NOTES, () => ({
        async keep({ text }, { clock, log }) {
          await disk.append("notes", new TextEncoder().encode(`${text}\n`));
          if (text.endsWith("3")) await disk.sync();
          await clock.sleep(3);
          const kept = (await disk.read("notes"))?.length ?? 0;
          log.info(`kept ${kept} at ${clock.now()}`);
          return { kept };
        },
      })),
    ],
  });
  for (let index = 0; index < visitors; index++) {
    const name = `visitor-${index}`;
    const draw = world.draw(name);
    world.node(name, {
      zone: index % 2 === 0 ? "a" : "b",
      skew: { offsetMs: index * 10, drift: index * 1e-5 },
      async run({ life, clock }) {
        for (let call = 0; call < calls; call++) {
          await clock.sleep(draw.integer(40));
          const timeoutMs = 200 + draw.integer(200);
          const asked = draw.oneOf([
            () => life.client(Till).pay({ amount: 1 }, { timeoutMs }),
            () => life.client(Counter).add({ by: 1 }, { timeoutMs }),
            () => life.client(Counter).wait({ ms: 5 }, { timeoutMs }),
            () => life.client(NOTES).keep({ text: `${name}/${call}` }, { timeoutMs }),
            () => life.client(Cell).get({}, { timeoutMs }),
          ])();
          const outcome = await outcomeOf(asked as Promise<unknown>);
          outcomes.push(
            `${name} ${call} ${outcome.kind} ${JSON.stringify(outcome.kind === "reply" ? outcome.value : "")}`,
          );
        }
      },
    });
  }
  return outcomes;
}
