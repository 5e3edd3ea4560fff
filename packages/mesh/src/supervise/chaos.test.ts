import { describe, it } from "node:test";
import { assertHolds, defineScenario } from "@orrery/sim";
import { createMemoryStore, ModelMachine } from "../testing/supervise/model-processes.ts";
import { befall, randomOf } from "../testing/supervise/world-machine.ts";
import type { Strategy } from "./spec.ts";
import type { Supervisor } from "./supervise.ts";
import { createSupervisor } from "./supervisor.ts";

const NAMES = ["a", "b", "c", "d"];
const DEEDS = ["kill", "freeze", "spin", "hog"] as const;
const STRATEGIES = ["one-for-one", "all-for-one", "rest-for-one"] as const;
const RUNS = process.env["ORRERY_LONG"] === undefined ? 200 : 5_000;

/** Whatever befalls children and supervisors: no child runs twice, and in the end all run, with nobody's work undone. */
const chaos = defineScenario("supervision outlives everything", {
  setup(world) {
    const strategy: Strategy = world.draw("strategy").oneOf(STRATEGIES);
    const it = {
      machine: undefined as ModelMachine | undefined,
      supervisor: undefined as Supervisor | undefined,
      isOver: false,
    };
    world.node("host", {
      async run({ clock }) {
        const machine = new ModelMachine(clock);
        it.machine = machine;
        const store = createMemoryStore();
        const open = () => createSupervisor({ clock, store, random: randomOf(world), control: machine.control() });
        it.supervisor = await open();
        const rules = { memoryBytesMax: 64 * 1024 * 1024, restartsMax: 100 };
        const children = NAMES.map((name) => ({ name, program: { startMs: 40, drainMs: 30 } }));
        it.supervisor.apply({ groups: [{ name: "g", strategy, children, rules }] });
        const deeds = world.operations("chaos", 8, (draw) => ({
          afterMs: draw.integer(draw.chance(0.5) ? 60 : 6_000),
          who: draw.oneOf(NAMES),
          deed: draw.chance(0.3) ? ("supervisor" as const) : draw.oneOf(DEEDS),
          goneMs: draw.integer(3_000),
        }));
        for (const { afterMs, who, deed, goneMs } of deeds) {
          await clock.sleep(afterMs);
          if (deed !== "supervisor") befall(machine.running(who)[0], deed);
          else {
            it.supervisor.release(); // What kill -9 leaves: nothing is said or written after it.
            await clock.sleep(goneMs);
            it.supervisor = await open();
          }
        }
        await clock.sleep(120_000);
        it.isOver = true;
      },
    });
    return it;
  },
  always: {
    "no child runs twice": ({ machine }) =>
      NAMES.every((name) => (machine?.running(name).length ?? 0) <= 1) || `there were ${machine?.log.join(" ")}`,
  },
  check({ machine, supervisor }) {
    const wrong = supervisor?.status().filter(({ state }) => state !== "ready") ?? [];
    supervisor?.release();
    if (wrong.length > 0) return `not ready: ${JSON.stringify(wrong)}`;
    return NAMES.every((name) => machine?.running(name).length === 1) || "one does not run";
  },
});

describe("createSupervisor", () => {
  it("keeps every child up once, whatever befalls it, them, and itself", async () =>
    assertHolds(chaos, { runs: RUNS }));
});
