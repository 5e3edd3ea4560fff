import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Patience } from "./patience.ts";
import type { StartTimes } from "./results.ts";

/** One kind of process whose start is timed. */
interface Start {
  readonly name: string;
  readonly title: string;
  readonly base: string;
  /** Words after `node`. */
  readonly words: readonly string[];
  /** When it counts as started: at its first word, or at its end. */
  readonly until: "word" | "exit";
}

const HOME = join(import.meta.dirname, "..");
const COMMAND = join(HOME, "..", "packages", "cli", "bin", "orrery.js");

const STARTS: readonly Start[] = [
  start("node", "node", "bare Node process, to its first word", ["programs/bare.mjs"]),
  start("component", "node", "component over ZeroMQ, JavaScript, to ready", ["programs/component.mjs"]),
  start("component-ts", "node", "component over ZeroMQ, TypeScript, to ready", ["programs/component.ts"]),
  { ...start("node -e 0", "node -e 0", "`node -e 0`, to its end", ["-e", "0"]), until: "exit" },
  { ...start("orrery --help", "node -e 0", "`orrery --help`, to its end", [COMMAND, "--help"]), until: "exit" },
];

function start(name: string, base: string, title: string, words: readonly string[]): Start {
  return { name, title, base, words, until: "word" };
}

/** How starts are timed. */
export interface StartOptions {
  readonly rounds: number;
  readonly patience: Patience;
  readonly shuffle: <T>(values: readonly T[]) => T[];
  readonly say: (line: string) => void;
}

/** Times the starts, interleaved. The command is left out where it is not built. The first start of each is not counted. */
export async function timeStarts(options: StartOptions): Promise<StartTimes[]> {
  const starts = STARTS.filter(({ words }) => words[0] !== COMMAND || existsSync(COMMAND));
  const times = new Map(starts.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= options.rounds; round++) {
    for (const kind of options.shuffle(starts)) {
      await options.patience.waitForQuiet();
      const ms = await timeStart(kind);
      if (round > 0) times.get(kind.name)?.push(ms);
    }
  }
  options.say(`start: ${starts.length} kinds, ${options.rounds} rounds`);
  return starts.map(({ name, title, base }) => ({ name, title, base, ms: times.get(name) ?? [] }));
}

async function timeStart({ words, until }: Start): Promise<number> {
  const beforeMs = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, ...words], {
    cwd: HOME,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  if (until === "word") await Promise.race([once(child.stdout, "data"), ended]);
  else {
    child.stdout.resume();
    await ended;
  }
  const ms = performance.now() - beforeMs;
  if (child.exitCode !== null && child.exitCode !== 0)
    throw new Error(`Cannot time "node ${words.join(" ")}": it ended with ${child.exitCode}`);
  child.kill("SIGKILL");
  await ended;
  return ms;
}
