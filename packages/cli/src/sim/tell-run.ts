import { type Failure, type Scenario, type ScenarioRun, sayFailure } from "@orrery/sim";
import { commandLine } from "../command-line.ts";
import { colour, type Terminal } from "../terminal.ts";
import type { ScenarioFile } from "./load-scenario.ts";

/** Result of one run, as it is written for programs. */
export function runFacts(scenario: Scenario, run: ScenarioRun, replay: string): object {
  const { failure, elapsedMs, events, hash, world } = run;
  const how = failure === undefined ? {} : { failure: failureFacts(failure), replay };
  return { scenario: scenario.name, held: failure === undefined, seed: world.seed, elapsedMs, events, hash, ...how };
}

/** A failure, as it is written for programs. */
export function failureFacts({ kind, name, message, atMs, events }: Failure): object {
  return { kind, name, message, atMs, events };
}

/** Tells one run in a line, and what failed in another. */
export function tellRun(scenario: Scenario, run: ScenarioRun, terminal: Terminal): readonly string[] {
  const { failure, elapsedMs, events, hash, world } = run;
  const where = `seed ${world.seed}, ${formatMs(elapsedMs)} ms, ${events} events, trace ${hash}`;
  return [`${verdict(failure, terminal)} "${scenario.name}": ${where}`, ...tellFailure(failure)];
}

/** `held` or `failed`, in its colour. */
export function verdict(failure: Failure | undefined, terminal: Terminal): string {
  return failure === undefined ? colour(terminal, "good", "held") : colour(terminal, "bad", "failed");
}

/** Tells a failure below what it is of. */
export function tellFailure(failure: Failure | undefined): readonly string[] {
  return failure === undefined ? [] : [`  ${sayFailure(failure).replaceAll("\n", "\n  ")}`];
}

/** The line that runs a seed again. */
export function seedCommand({ word }: ScenarioFile, seed: number, terminal: Terminal): string {
  return commandLine(terminal, ["sim", "run", word, `--seed=${seed}`]);
}

/** The line that replays a tape. */
export function replayCommand({ word }: ScenarioFile, tape: string, terminal: Terminal): string {
  return commandLine(terminal, ["sim", "replay", word, `--tape=${tape}`]);
}

/** Writes ms with thousands apart, such as `4,768.925`. */
export function formatMs(ms: number): string {
  return ms.toLocaleString("en-US", { maximumFractionDigits: 3 });
}
