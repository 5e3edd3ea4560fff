import { OrreryError } from "@orrery/core";
import type { TraceRecord } from "../trace/trace.ts";
import { sayRecord } from "./assert-spreads.ts";
import { type RunScenarioOptions, runScenario } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";

/**
 * Runs a scenario twice and compares event by event.
 * @throws OrreryError `aborted` that names the first event that went another way: something the world does not hold decides there.
 */
export async function assertRepeats<It>(scenario: Scenario<It>, options: RunScenarioOptions = {}): Promise<string> {
  const [first, second] = [await record(scenario, options), await record(scenario, options)];
  const at = first.findIndex((one, index) => one.hash !== second[index]?.hash || one.id !== second[index]?.id);
  if (at < 0 && first.length === second.length) return first.at(-1)?.hash ?? "";
  const index = at < 0 ? Math.min(first.length, second.length) : at;
  const text = `Cannot repeat "${scenario.name}": event ${index} was ${sayRecord(first[index])} and then ${sayRecord(second[index])}; a clock, chance or input from outside of the world decides there`;
  throw new OrreryError("aborted", text);
}

async function record<It>(scenario: Scenario<It>, options: RunScenarioOptions): Promise<readonly TraceRecord[]> {
  const { world } = await runScenario(scenario, { ...options, trace: "keep" });
  return world.trace.records;
}
