import { parseArgs } from "node:util";
import { OrreryError } from "@orrery/core";

/** What the example is started with. */
export interface StartOptions {
  /** Port of the page and the services; 0 lets the system choose. */
  readonly port: number;
}

/** Port when nobody says. */
const PORT = 8080;

/**
 * Reads the words of the command line and the environment; `--port` wins over `PORT`.
 * @throws OrreryError `invalid_argument` for an unknown word or a port that is none, saying what would work.
 */
export function parseStartOptions(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): StartOptions {
  const given = portOf(words) ?? env["PORT"] ?? String(PORT);
  const port = Number(given);
  if (/^\d+$/.test(given) && port <= 65_535) return { port };
  throw new OrreryError("invalid_argument", `Cannot start at port "${given}": write a whole number from 0 to 65535`);
}

function portOf(words: readonly string[]): string | undefined {
  try {
    return parseArgs({ args: [...words], options: { port: { type: "string" } }, strict: true }).values.port;
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message.split(". ")[0] : String(thrown);
    throw new OrreryError("invalid_argument", `Cannot start with "${words.join(" ")}": ${why}, write --port 8080`);
  }
}
