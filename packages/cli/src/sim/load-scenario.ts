import { isOrreryError, type LogSink } from "@orrery/core";
import { formatLog, importScript } from "@orrery/mesh";
import { isScenario, type Scenario } from "@orrery/sim";
import { typed, usageError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";

/** A scenario, and how its file was named. */
export interface ScenarioFile {
  readonly scenario: Scenario;
  /** As it was typed. */
  readonly word: string;
  /** Absolute path. */
  readonly file: string;
}

/**
 * Loads the scenario that a file exports: as default, or the only one by name.
 * @throws OrreryError `not_found` for a file that is not there, CommandError for one that exports no scenario
 */
export async function loadScenario(word: string, terminal: Terminal): Promise<ScenarioFile> {
  const { file, exports } = await importScript(word, { cwd: terminal.cwd }).catch(asUsage);
  const { default: first, ...others } = exports;
  if (isScenario(first)) return { scenario: first, word, file };
  const named = Object.entries(others).flatMap(([name, value]) => (isScenario(value) ? [{ name, value }] : []));
  const [only] = named;
  if (only !== undefined && named.length === 1) return { scenario: only.value, word, file };
  const names = named.map(({ name }) => name).join(", ");
  const has = named.length > 1 ? `it exports ${named.length} scenarios by name, ${names}` : "it exports no scenario";
  throw usageError(`Cannot run "${word}": ${has}, write: export default defineScenario(…)`);
}

/** What a file's own code threw is a failure; that it is a folder, or no script, was typed. */
async function asUsage(error: unknown): Promise<never> {
  if (isOrreryError(error) && error.message.startsWith("Cannot run ")) await typed(() => Promise.reject(error));
  throw error;
}

/** Where log lines of nodes go, at the time of their world. */
export function logTo(terminal: Terminal): LogSink {
  return (entry) => terminal.say(formatLog(entry, "text"));
}
