import { writeFileSync } from "node:fs";
import { defineScenario, type World } from "@orrery/sim";
import { createRelay } from "./relay.ts";
import { type Ending, runWorkload } from "./workload.ts";

/** A world in which a visitor sends the workload of every mode to a relay; hands over how each message ended. */
export function setupRelay(world: World, onEnd: (endings: readonly Ending[]) => void): void {
  world.node("relay", { components: [createRelay({ version: "1.2.3" })] });
  world.node("visitor", { run: async ({ life }) => onEnd(await runWorkload(life)) });
}

/** Endings as lines, sorted: how long a message takes, and so their order, is another thing in each mode. */
export function countEndings(endings: readonly Ending[]): readonly string[] {
  const plain = (_key: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value);
  return endings.map((ending) => JSON.stringify(ending, plain)).sort();
}

/** Writes the endings into the file that RELAY_ENDINGS names, for whoever started the processes. */
function write(endings: readonly Ending[]): void {
  writeFileSync(process.env["RELAY_ENDINGS"] ?? "", JSON.stringify(countEndings(endings)));
}

// biome-ignore lint/style/noDefaultExport: a scenario is the default export of its file.
export default defineScenario("a workload in every mode", {
  world: { link: { latency: 2 } },
  setup: (world) => setupRelay(world, write),
});
