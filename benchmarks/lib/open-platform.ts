import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const BIN = join(import.meta.dirname, "../../packages/cli/bin/orrery.js");

/** A platform as it is run, over the database that it takes by default, in a process of its own. */
export interface OpenedPlatform extends AsyncDisposable {
  /** Where spaces are served. */
  readonly web: string;
  readonly pid: number;
  /** Runs a command in the platform's folder. */
  type(...words: string[]): Promise<{ readonly stdout: string }>;
}

/** Starts `orrery up` in a folder, on free ports. */
export async function openPlatform(folder: string): Promise<OpenedPlatform> {
  const ports = ["--port=0", "--http=0", "--web-port=0"];
  const child = spawn(process.execPath, [BIN, "up", ...ports, "--output=json"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ready = await firstLine(child);
  const env = { ...process.env, ORRERY_SERVER: ready["address"] };
  return {
    web: ready["web"] ?? "",
    pid: child.pid ?? 0,
    type: (...words) => promisify(execFile)(process.execPath, [BIN, ...words], { cwd: folder, env }),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "close");
    },
  };
}

/** What a server says in JSON when it has started. */
export async function firstLine({ stdout }: ChildProcess): Promise<Record<string, string>> {
  const [line] = (await once(createInterface({ input: stdout ?? process.stdin }), "line")) as [string];
  return JSON.parse(line) as Record<string, string>;
}
