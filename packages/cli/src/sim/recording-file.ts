import { extname } from "node:path";
import { type Recording, readTrace, recordingOf, runScenario } from "@orrery/sim";
import type { CommandInput } from "../command.ts";
import { typed, usageError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { loadScenario } from "./load-scenario.ts";
import { readTapeFlags, readText, readWhole } from "./read-options.ts";

const SCRIPTS: ReadonlySet<string> = new Set([".ts", ".mts", ".js", ".mjs"]);

/** Where a recording comes from, besides its word. */
export interface LoadRecordingOptions {
  readonly input: CommandInput;
  readonly terminal: Terminal;
  /** Seed of a scenario where the command says none. Default: 1. */
  readonly seed?: number | undefined;
}

/** Whether a word names the file of a scenario, rather than a trace. */
export function isScript(word: string): boolean {
  return SCRIPTS.has(extname(word));
}

/** Gives a run to look at: a trace that was written, or a scenario, which is run for it. */
export async function loadRecording(word: string, options: LoadRecordingOptions): Promise<Recording> {
  const { input, terminal } = options;
  const typedSeed = readWhole(input, "seed", 0);
  const seed = typedSeed ?? options.seed;
  if (isScript(word)) {
    const { scenario } = await loadScenario(word, terminal);
    const tape = await readTapeFlags(input, terminal, scenario.name);
    const { world } = await runScenario(scenario, {
      ...(seed !== undefined && { seed }),
      ...(tape && { tape }),
      trace: "keep",
    });
    return recordingOf(world, { scenario: scenario.name });
  }
  if (typedSeed !== undefined || input.text("tape") !== undefined || input.text("script") !== undefined)
    throw usageError(`Cannot run "${word}": it is a trace, seeds and tapes are for the file of a scenario`);
  const text = await readText(word, terminal);
  return await typed(() => readTrace(text));
}
