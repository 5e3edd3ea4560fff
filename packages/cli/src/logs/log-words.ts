import { createHash } from "node:crypto";
import { LOG_THRESHOLDS, type LogThreshold, parseLogPattern, printLogPattern } from "@orrery/platform/service";
import { usageError } from "../command-error.ts";

/** Whose lines are meant, and the resource that says something about them. */
export interface LogWords {
  readonly pattern: string;
  readonly space: string;
  /** The same pattern has the same address. */
  readonly address: string;
}

/** Reads the pattern of a level, which lies in the space that it is about. @throws CommandError, OrreryError `invalid_argument` */
export function readLogWords(text: string): LogWords {
  const parsed = parseLogPattern(text);
  const [space = ""] = parsed.steps;
  if (space.includes("*"))
    throw usageError(
      `Cannot set a log level on "${text}": a level lies in the space that it is about, begin with one such as demo.test`,
    );
  const pattern = printLogPattern(parsed);
  const name = createHash("sha256").update(pattern).digest("hex").slice(0, 16);
  return { pattern, space, address: `${space}:log-${name}` };
}

/** Reads a level; undefined for that which counts where nothing is said. @throws CommandError for what is none */
export function readLevel(text: string): LogThreshold | undefined {
  if (text === "default") return undefined;
  const level = LOG_THRESHOLDS.find((one) => one === text);
  if (level !== undefined) return level;
  throw usageError(`Cannot read log level "${text}": write ${LOG_THRESHOLDS.join(", ")} or default`);
}
