import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Patience } from "./patience.ts";
import type { StartTimes } from "./results.ts";

/** One kind of process whose start is timed, in ms. */
interface Start {
  readonly name: string;
  readonly title: string;
  /** The start that it is compared with. */
  readonly base: string;
  readonly time: () => Promise<number>;
}

const HOME = join(import.meta.dirname, "..");
const COMMAND = join(HOME, "..", "packages", "cli", "bin", "orrery.js");

const STARTS: readonly Start[] = [
  {
    name: "node",
    title: "bare Node process, to its first word",
    base: "node",
    time: () => timeWord("programs/bare.mjs"),
  },
  {
    name: "listener",
    title: "bare Node process that listens on a port, to its first word",
    base: "node",
    time: () => timeWord("programs/listen.mjs"),
  },
  {
    name: "component",
    title: "component process of `orrery run --isolate process`, JavaScript, to ready",
    base: "listener",
    time: () => timeLaunch("programs/weather.mjs"),
  },
  {
    name: "component-ts",
    title: "the same, TypeScript",
    base: "listener",
    time: () => timeLaunch("programs/weather.ts"),
  },
  {
    name: "program",
    title: "program that makes a node by itself, JavaScript, to ready",
    base: "listener",
    time: () => timeWord("programs/component.mjs"),
  },
  { name: "node -e 0", title: "`node -e 0`, to its end", base: "node -e 0", time: () => timeExit("-e", "0") },
  {
    name: "orrery --help",
    title: "`orrery --help`, to its end",
    base: "node -e 0",
    time: () => timeExit(COMMAND, "--help"),
  },
];

/** How starts are timed. */
export interface StartOptions {
  readonly rounds: number;
  readonly patience: Patience;
  readonly shuffle: <T>(values: readonly T[]) => T[];
  readonly say: (line: string) => void;
}

/** Times the starts, interleaved. The command is left out where it is not there. The first start of each is not counted. */
export async function timeStarts(options: StartOptions): Promise<StartTimes[]> {
  const starts = STARTS.filter(({ name }) => name !== "orrery --help" || existsSync(COMMAND));
  const times = new Map(starts.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= options.rounds; round++) {
    for (const { name, time } of options.shuffle(starts)) {
      await options.patience.waitForQuiet();
      const ms = await time();
      if (round > 0) times.get(name)?.push(ms);
    }
  }
  options.say(`start: ${starts.length} kinds, ${options.rounds} rounds`);
  return starts.map(({ name, title, base }) => ({ name, title, base, ms: times.get(name) ?? [] }));
}

/** From the launch of a component in a process of its own until it can be called. */
async function timeLaunch(file: string): Promise<number> {
  const { launchProcesses } = await import("@orrery/mesh");
  const beforeMs = performance.now();
  const app = await launchProcesses({ paths: [file], cwd: HOME, listen: "tcp://127.0.0.1:0" });
  const ms = performance.now() - beforeMs;
  await app.stop({ timeoutMs: 1000 });
  return ms;
}

async function timeWord(...words: string[]): Promise<number> {
  const { child, beforeMs, ended } = spawnNode(words);
  await Promise.race([once(child.stdout, "data"), ended]);
  const ms = performance.now() - beforeMs;
  if (child.exitCode !== null) throw new Error(`Cannot time "node ${words.join(" ")}": it ended by itself`);
  child.kill("SIGKILL");
  await ended;
  return ms;
}

async function timeExit(...words: string[]): Promise<number> {
  const { child, beforeMs, ended } = spawnNode(words);
  child.stdout.resume();
  await ended;
  if (child.exitCode !== 0) throw new Error(`Cannot time "node ${words.join(" ")}": it ended with ${child.exitCode}`);
  return performance.now() - beforeMs;
}

function spawnNode(words: readonly string[]) {
  const beforeMs = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, ...words], {
    cwd: HOME,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { child, beforeMs, ended: once(child, "exit") };
}
