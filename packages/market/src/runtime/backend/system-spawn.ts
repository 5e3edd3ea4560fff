import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { OrreryError } from "@orrery/core";

/** A process that keeps a container. */
export interface KeeperProcess {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<{ readonly code: number; readonly signal: string }>;
  kill(): void;
}

/** Starts a script of the shell; what `handed` holds can be read from its descriptor 3. */
export async function spawnScript(script: string, handed: string): Promise<KeeperProcess> {
  const child = spawn("/bin/sh", ["-c", script], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
    cwd: "/",
  });
  const ended = new Promise<{ code: number; signal: string }>((resolve) => {
    child.once("close", (code, signal) => resolve(endOf(code, signal)));
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", () => resolve());
    child.once("error", (cause) => reject(new OrreryError("unavailable", `Cannot start a process: ${cause.message}`)));
  });
  const [, stdout, stderr, input] = child.stdio as ChildProcess["stdio"];
  const pipe = input as unknown as NodeJS.WritableStream;
  pipe.on("error", () => {}); // It may end before it has read all.
  pipe.end(handed);
  return {
    pid: child.pid ?? -1,
    stdout: stdout as Readable,
    stderr: stderr as Readable,
    ended,
    kill: () => void child.kill("SIGKILL"),
  };
}

const NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** What keeps a container tells by a code over 128 that a signal ended what was in it. */
function endOf(code: number | null, signal: string | null): { code: number; signal: string } {
  if (code === null) return { code: 128, signal: signal ?? "SIGKILL" };
  return { code, signal: code > 128 ? (NAMES.get(code - 128) ?? "") : "" };
}

/** Sends a signal to a process that may be gone. */
export function signal(pid: number, name: "SIGTERM" | "SIGKILL" | "SIGSTOP"): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}
