import { OrreryError } from "@orrery/core";
import type { Tape } from "../chance/tape.ts";
import type { TraceRecord } from "../trace/trace.ts";
import { type Exploration, type ExploreOptions, explore } from "./explore.ts";
import { type Failure, withoutNumbers } from "./failure.ts";
import { runScenario } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { packTape, readScript, unpackTape, writeScript } from "./script.ts";

/** A scenario did not hold. */
export class ScenarioFailed extends Error {
  override readonly name = "ScenarioFailed";
  readonly failure: Failure;
  readonly tape: Tape;

  constructor(message: string, failure: Failure, tape: Tape) {
    super(message, { cause: failure.cause });
    this.failure = failure;
    this.tape = tape;
  }
}

/**
 * Explores a scenario, for a test. @throws ScenarioFailed with the failure made small, as a script and as a test, when a rule is broken.
 * @example
 * test("no payment is lost", () => assertHolds(payments, { runs: 200 }));
 */
export async function assertHolds<It>(scenario: Scenario<It>, options: ExploreOptions = {}): Promise<void> {
  const exploration = await explore(scenario, options);
  const { failure, tape } = exploration;
  if (failure === undefined || tape === undefined) return;
  throw new ScenarioFailed(await explainFailure(exploration), failure, tape);
}

/**
 * Runs a scenario as a tape says: a tape, the lines of a script, or the word that an exploration printed.
 * @throws ScenarioFailed when it fails again, so a test that replays passes once the bug is mended.
 */
export async function replay<It>(scenario: Scenario<It>, given: Tape | readonly string[] | string): Promise<void> {
  const tape = tapeOf(given, scenario.name);
  const { failure } = await runScenario(scenario, { tape });
  if (failure === undefined) return;
  throw new ScenarioFailed(`"${scenario.name}" fails: ${sayFailure(failure)}`, failure, tape);
}

/** Tells what failed, the script that leads to it, and how to see it again. */
export async function explainFailure({ scenario, failure, tape, runs, strategy }: Exploration): Promise<string> {
  if (failure === undefined || tape === undefined) return `"${scenario.name}" holds in ${runs} runs`;
  const script = writeScript(tape, await recordsOf(scenario, tape));
  return [
    `"${scenario.name}" fails: ${sayFailure(failure)}`,
    `found in run ${runs} by ${strategy}; made small:`,
    ...script.map((line) => `  ${line}`),
    `see it again: orrery sim replay FILE --tape ${packTape(tape)}`,
    `or in a test: await replay(scenario, "${packTape(tape)}");`,
  ].join("\n");
}

/** Writes a test that replays a failure and passes once it is mended. `module` is where the scenario is exported as default. */
export async function writeRegressionTest({ scenario, failure, tape }: Exploration, module: string): Promise<string> {
  if (failure === undefined || tape === undefined)
    throw new OrreryError("failed_precondition", `Cannot write a test for "${scenario.name}": nothing failed`);
  const script = writeScript(tape, await recordsOf(scenario, tape));
  return `import { test } from "node:test";
import { replay } from "@orrery/sim";
import scenario from ${JSON.stringify(module)};

// ${sayFailure(failure).replaceAll("\n", "\n// ")}
test(${JSON.stringify(`${scenario.name}: a failure that was found and mended`)}, () =>
  replay(scenario, [
${script.map((line) => `    ${JSON.stringify(line)},`).join("\n")}
  ]),
);
`;
}

/** Tells a failure in a line. */
export function sayFailure({ kind, name, message, atMs }: Failure): string {
  const rule = kind === name || name === withoutNumbers(message) ? kind : `${kind} "${name}"`;
  return `${rule}: ${message} (at ${atMs} ms)`;
}

/** Runs a tape and gives its trace. */
export async function recordsOf(scenario: Scenario, tape: Tape): Promise<readonly TraceRecord[]> {
  const { world } = await runScenario(scenario, { tape, trace: "keep" });
  return world.trace.records;
}

function tapeOf(given: Tape | readonly string[] | string, scenario: string): Tape {
  if (typeof given === "string") return unpackTape(given, scenario);
  return "format" in given ? given : readScript(given, scenario);
}
