import { outcomeOf } from "@orrery/core";
import { loadApp } from "@orrery/platform/world";
import { defineScenario } from "@orrery/sim";
import { Moon } from "./app/moon.ts";

const app = await loadApp(`${import.meta.dirname}/app`);

/** What is told of some days, by an almanac. */
const TOLD: ReadonlyMap<string, string> = new Map([
  ["2026-11-24", "Full moon"],
  ["2026-12-01", "Last quarter"],
  ["2026-12-09", "New moon"],
]);

/** Visitors ask while messages are lost and the app's process crashes: an answer is the right one, and in the end there is one. */
export default defineScenario("the moon is told as it is", {
  faults: ["crash", "partition", "clog", "pause", "loss", "duplicate", "reorder", "slow"],
  faultyNodes: app.nodes,
  setup(world) {
    app.placeIn(world);
    const wrong: string[] = [];
    for (const name of ["ann", "bob"])
      world.node(name, {
        async run({ life }) {
          for (const day of world.operations(name, 4, (draw) => draw.oneOf([...TOLD.keys()]))) {
            const outcome = await outcomeOf(life.client(Moon).phase({ day }));
            if (outcome.kind !== "reply" || outcome.value.name === TOLD.get(day)) continue;
            wrong.push(`${day}: ${outcome.value.name}`);
          }
        },
      });
    return wrong;
  },
  always: { "no moon is wrong": (wrong) => wrong.length === 0 || wrong.join(", ") },
  async check(_wrong, world) {
    const ann = world.nodes.get("ann");
    if (ann === undefined) return;
    await world.recover();
    const { name } = await world.settle(ann.life.client(Moon).phase({ day: "2026-11-24" }));
    return name === "Full moon" || name;
  },
});
