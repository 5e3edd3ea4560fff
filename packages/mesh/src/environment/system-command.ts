import { type ChildProcess, spawn } from "node:child_process";
import { createLineKeeper } from "./keep-lines.ts";
import { COMMAND_TERM_MS } from "./limits.ts";
import type { CommandEnd, CommandOrder, Machine } from "./machine.ts";

/** A command that was started. */
export interface StartedCommand {
  readonly end: Promise<CommandEnd>;
  /** Ends it, and all that it started, at once. */
  kill(): void;
}

/** How long what a command printed may take to arrive once it has ended: what it left running may hold its output open. */
const FLUSH_MS = 200;

/** A command with all its variables. */
export interface StartOrder extends Omit<CommandOrder, "variables"> {
  readonly variables: Machine["variables"];
}

/** Starts a command in a session of its own, without an input. */
export function startCommand({ words, cwd, variables, timeoutMs }: StartOrder): StartedCommand {
  const [program = "", ...args] = words;
  const kept = createLineKeeper();
  const child = spawn(program === "node" ? process.execPath : program, args, {
    cwd,
    env: variables,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", kept.add);
  }
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    endGroup(child);
  }, timeoutMs);
  const end = ended(child).then(({ code, trouble }): CommandEnd => {
    clearTimeout(late);
    const why = isLate ? `it took longer than ${timeoutMs / 1000} s` : trouble;
    return { code, trouble: why, lines: kept.lines() };
  });
  return { end, kill: () => signalGroup(child.pid ?? 0, "SIGKILL") };
}

/** Sends a signal to a process and all that it started in its session. */
export function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid <= 0) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has ended.
  }
}

/** Says how a process ended; empty when with code 0. */
export function endTrouble(code: number | null, signal: string | null): string {
  if (signal !== null) return `it was ended by ${signal}`;
  return code === 0 ? "" : `it exited with code ${code}`;
}

function endGroup(child: ChildProcess): void {
  const pid = child.pid ?? 0;
  signalGroup(pid, "SIGTERM");
  const kill = setTimeout(() => signalGroup(pid, "SIGKILL"), COMMAND_TERM_MS);
  child.once("exit", () => {
    clearTimeout(kill);
    signalGroup(pid, "SIGKILL"); // What it started must not stay.
  });
}

async function ended(child: ChildProcess): Promise<{ code: number | undefined; trouble: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number | undefined; trouble: string }>();
  child.once("error", ({ code }: NodeJS.ErrnoException) =>
    resolve({ code: undefined, trouble: `it cannot be started (${code})` }),
  );
  let how = { code: undefined as number | undefined, trouble: "" };
  child.once("exit", (code, signal) => {
    how = { code: code ?? undefined, trouble: endTrouble(code, signal) };
    setTimeout(() => resolve(how), FLUSH_MS).unref();
  });
  child.once("close", () => resolve(how));
  const end = await promise;
  child.stdout?.destroy();
  child.stderr?.destroy();
  return end;
}
