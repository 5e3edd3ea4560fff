import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startWorker } from "../lib/channel.ts";
import type { Cell, Contestant } from "./cells.ts";
import type { Sample } from "./results.ts";

/** A contestant in one cell, in a process of its own. */
export interface Side {
  /** Works for a window; CPU time and counts are those of the window alone. */
  run(windowMs: number): Promise<Omit<Sample, "foreign">>;
  end(): Promise<void>;
}

/** 100,000 nodes are made and begin to talk: long on a busy machine. */
const LOAD_MS_MAX = 60_000;
const RUN_MS_MAX = 300_000;
/** Memory of worlds of 100,000 nodes: Node's own limit is 4 GiB. */
const NODE_OPTIONS = ["--expose-gc", "--max-old-space-size=12288"];
/** Debian's own, which has its packages; another may come first on the path. */
const PYTHON = "/usr/bin/python3";

/** Starts a contestant and makes it ready. @throws Error with its text when it cannot. */
export function startSide(contestant: Contestant, cell: Cell): Promise<Side> {
  return contestant.file.endsWith(".py") ? startPython(contestant, cell) : startNode(contestant, cell);
}

async function startNode({ file, variant }: Contestant, { size }: Cell): Promise<Side> {
  const worker = startWorker(join(import.meta.dirname, "worker.ts"), NODE_OPTIONS);
  try {
    await worker.ask("load", { file, variant, size }, { timeoutMs: LOAD_MS_MAX });
  } catch (error) {
    await worker.end();
    throw error;
  }
  return {
    run: (windowMs) => worker.ask("run", { windowMs }, { timeoutMs: RUN_MS_MAX }),
    end: () => worker.end(),
  };
}

async function startPython({ file, variant }: Contestant, { size }: Cell): Promise<Side> {
  const program = join(import.meta.dirname, "programs", file);
  // Without `-B` it would leave compiled files beside the programs.
  const child = spawn(PYTHON, ["-B", program, `${size}`, variant], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit").catch(() => undefined); // Where there is no Python, its first line never comes.
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async () => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`Cannot measure "${file}": the process has ended`);
    return String(value);
  };
  await read();
  return {
    async run(windowMs) {
      child.stdin.write(`${windowMs}\n`);
      const [deliveries = Number.NaN, elapsedMs = Number.NaN, cpuMs = Number.NaN] = (await read())
        .split(" ")
        .map(Number);
      return { counts: { deliveries }, elapsedMs, cpuMicros: cpuMs * 1000 };
    },
    async end() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
