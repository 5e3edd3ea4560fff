import { outcomeOf } from "@orrery/core";
import { defineScenario, type Scenario } from "@orrery/sim";
import { loadApp } from "../../world.ts";
import { Box, Desk } from "./contracts.ts";

/** Three people vote while messages are lost and processes crash. No vote may count twice, and in the end one can vote. */
export async function pollOf(file: string): Promise<Scenario<{ sent: number }>> {
  const app = await loadApp(`${import.meta.dirname}/${file}`);
  return defineScenario("no vote counts twice", {
    world: { link: { latency: { kind: "uniform", minMs: 1, maxMs: 5 } }, breakAfterMs: 1_000 },
    faults: ["crash", "partition", "pause", "loss", "duplicate", "reorder", "slow"],
    faultyNodes: app.nodes,
    setup(world) {
      app.placeIn(world);
      const it = { sent: 0 };
      for (const voter of ["ann", "bob", "cy"])
        world.node(voter, {
          async run({ life }) {
            const votes = world.operations(voter, 4, (draw, index) => {
              return { id: `${voter}-${index}`, choice: draw.oneOf(["red", "blue"]) };
            });
            for (const vote of votes) {
              it.sent++;
              await outcomeOf(life.client(Desk).vote(vote));
            }
          },
        });
      return it;
    },
    async check(it, world) {
      await world.recover();
      const ann = world.nodes.get("ann")?.life;
      if (ann === undefined) return;
      for (let left = 4, isIn = false; !isIn; left--) {
        isIn = (await world.settle(outcomeOf(ann.client(Desk).vote({ id: "last", choice: "green" })))).kind === "reply";
        if (!isIn && left === 0) return "nobody can vote although nothing is wrong any more";
      }
      const { RED = 0, BLUE = 0 } = await world.settle(ann.client(Box).tally({}));
      return RED + BLUE <= it.sent || `${it.sent} voted, and ${RED + BLUE} votes count`;
    },
  });
}

export default await pollOf("orrery.yaml");
