import { outcomeOf } from "@orrery/core";
import { defineScenario, type World } from "@orrery/sim";
import { Shop, shop, stock } from "./shop-components.ts";

/** A shop, its stock, and visitors; things go wrong meanwhile. Under SHOP_LOOPS a visitor never lets go of its process. */
export function setupShop(world: World): string[] {
  const outcomes: string[] = [];
  world.node("stock", { components: [stock] });
  world.node("shop", { components: [shop] });
  for (let index = 0; index < 4; index++) {
    const name = `visitor-${index}`;
    const draw = world.draw(name);
    world.node(name, {
      async run({ life, clock }) {
        for (let call = 0; call < 25; call++) {
          await clock.sleep(draw.integer(30));
          if (loops(name) && call === 5) for (;;);
          const outcome = await outcomeOf(
            life.client(Shop).buy({ item: draw.oneOf(["gear", "cog"]) }, { timeoutMs: 300 }),
          );
          outcomes.push(`${name} ${call} ${outcome.kind}`);
        }
      },
    });
  }
  world.at(60, "cut visitor-0>shop");
  world.at(130, "heal");
  world.at(200, "crash stock");
  world.at(320, "restart stock");
  return outcomes;
}

function loops(name: string): boolean {
  return process.env["SHOP_LOOPS"] === name;
}

/** Options of its world. */
export const SHOP_WORLD = { link: { latency: { kind: "uniform", minMs: 1, maxMs: 4 }, loss: 0.02 } } as const;

// biome-ignore lint/style/noDefaultExport: a scenario is the default export of its file.
export default defineScenario("a shop under faults", { world: SHOP_WORLD, setup: setupShop });
