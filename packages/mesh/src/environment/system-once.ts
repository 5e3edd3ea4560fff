import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CageSpec, Isolation } from "../supervise/isolation.ts";
import { pidWithToken } from "../supervise/proc-files.ts";
import { lastLines } from "./keep-lines.ts";
import { troubleOf } from "./life.ts";
import type { LifeStep } from "./life-record.ts";
import type { RunningStep } from "./life-works.ts";
import { COMMAND_LOOK_MS, COMMAND_TERM_MS, OUTPUT_BYTES_MAX } from "./limits.ts";
import type { Machine } from "./machine.ts";
import { createRedactor } from "./redact.ts";
import { resolveVariables } from "./resolve-variables.ts";
import { cagedMachine } from "./system-caged-machine.ts";
import { endTrouble, signalGroup } from "./system-command.ts";
import { createSystemMachine } from "./system-machine.ts";

/** The life of a command that is run once. */
export interface OnceOptions {
  /** Folder for its mark and its output. */
  readonly folder: string;
  readonly life: string;
  /** All variables of the program that the life is of. */
  readonly variables: Machine["variables"];
  /** Values that are to stand in nothing that is told. */
  readonly secrets: readonly string[];
  /** Where its last lines go. */
  readonly tell: (text: string) => void;
  /** The cage of the program, and what encloses commands in it. Default: none. */
  readonly cage?: CageSpec | undefined;
  readonly isolation?: Isolation | undefined;
}

/** Variable by which a command is found again. */
const COMMAND_VARIABLE = "ORRERY_COMMAND";
/** Marks that it begins, which succeeds once, and becomes the command. */
const MARKING = 'mkdir -- "$0" && exec "$@"';

/**
 * Runs a command once in a life, whoever starts it and however often: it marks its own beginning, and outlives who started it. One that has
 * begun is waited for, and ended when it takes too long; how it ended is not known then, and counts as well.
 */
export function runOnce(options: OnceOptions, step: LifeStep): RunningStep {
  const kill: { wanted: boolean; does(): void } = { wanted: false, does: () => undefined };
  const end = live(options, step, (does) => {
    kill.does = does;
    if (kill.wanted) does();
  });
  return {
    end,
    kill: () => {
      kill.wanted = true;
      kill.does();
    },
  };
}

async function live(
  { folder, life, variables, secrets: own, tell, cage, isolation }: OnceOptions,
  { name, folder: place, command }: LifeStep,
  onKill: (does: () => void) => void,
): Promise<string> {
  const mark = join(folder, `${life}.${name}`);
  const token = `${life}.${name};`;
  const plain = createSystemMachine(variables);
  const machine = cage === undefined ? plain : cagedMachine(plain, { cage, isolation });
  const { texts, secrets } = await resolveVariables(place.variables, place.folder, machine);
  const hasBegun = existsSync(mark) || pidWithToken(token) !== 0;
  const ends = hasBegun
    ? await outlast(token, command.timeoutMs, onKill)
    : await start(
        command,
        { mark, token, cwd: place.folder, variables: { ...variables, ...texts }, cage, isolation },
        onKill,
      );
  const lines = lastLines(tailOf(`${mark}.log`));
  const redact = createRedactor([...own, ...secrets]);
  for (const line of lines) tell(redact(`${command.name}: ${line}`));
  return redact(troubleOf(command.name, { code: undefined, trouble: ends, lines }));
}

interface StartOptions {
  readonly mark: string;
  readonly token: string;
  readonly cwd: string;
  readonly variables: Machine["variables"];
  readonly cage: CageSpec | undefined;
  readonly isolation: Isolation | undefined;
}

/** Starts it; gives what went wrong, or nothing. */
async function start(
  { words, timeoutMs }: LifeStep["command"],
  { mark, token, cwd, variables, cage, isolation }: StartOptions,
  onKill: (does: () => void) => void,
): Promise<string> {
  const [program = "", ...args] = words;
  const caged = cage && { cage, id: token.replace(";", "") };
  const env = { ...variables, [COMMAND_VARIABLE]: token };
  const plain = { command: program === "node" ? process.execPath : program, args, cwd, env };
  const enclosed = caged === undefined ? plain : (isolation?.enclose(plain, caged) ?? plain);
  const output = openSync(`${mark}.log`, "a", 0o600);
  const child = spawn("/bin/sh", ["-c", MARKING, mark, enclosed.command, ...enclosed.args], {
    cwd,
    env: enclosed.env,
    stdio: ["ignore", output, output], // A pipe would break with the supervisor.
    detached: true,
  });
  closeSync(output);
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once("error", ({ message }) => resolve(`it cannot be started (${message})`));
  child.once("exit", (code, signal) => resolve(endTrouble(code, signal)));
  const late = endLater(child.pid ?? 0, timeoutMs);
  onKill(() => signalGroup(child.pid ?? 0, "SIGKILL"));
  const trouble = await promise;
  late.cancel();
  if (caged !== undefined) signalGroup(child.pid ?? 0, "SIGKILL"); // Nothing that it left runs on.
  const why = caged && isolation?.ended({ code: null, signal: "" }, caged);
  if (why !== undefined) return `it was ${why}`;
  return late.isLate() ? tooSlow(timeoutMs) : trouble;
}

/** Waits for a command that another process started, and ends what is left of it when it takes too long. */
async function outlast(token: string, timeoutMs: number, onKill: (does: () => void) => void): Promise<string> {
  let isLate = false;
  let isKilled = false;
  const late = setTimeout(() => {
    isLate = true;
  }, timeoutMs);
  onKill(() => {
    isKilled = true;
  });
  for (let pid = pidWithToken(token); pid !== 0; pid = pidWithToken(token)) {
    if (isLate || isKilled) killOne(pid);
    await sleep(COMMAND_LOOK_MS);
  }
  clearTimeout(late);
  return isLate ? tooSlow(timeoutMs) : "";
}

function killOne(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

function endLater(pid: number, timeoutMs: number): { cancel(): void; isLate(): boolean } {
  let isLate = false;
  let kill: NodeJS.Timeout | undefined;
  const term = setTimeout(() => {
    isLate = true;
    signalGroup(pid, "SIGTERM");
    kill = setTimeout(() => signalGroup(pid, "SIGKILL"), COMMAND_TERM_MS);
  }, timeoutMs);
  return {
    cancel: () => {
      clearTimeout(term);
      clearTimeout(kill);
      if (isLate) signalGroup(pid, "SIGKILL"); // What it started must not stay.
    },
    isLate: () => isLate,
  };
}

function tooSlow(timeoutMs: number): string {
  return `it took longer than ${timeoutMs / 1000} s`;
}

/** The last of a file; empty when there is none. */
function tailOf(file: string): string {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return "";
  const opened = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(Math.min(size, OUTPUT_BYTES_MAX));
    readSync(opened, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString("utf8");
  } finally {
    closeSync(opened);
  }
}
