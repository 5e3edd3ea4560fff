import { join } from "node:path";
import type { Cell } from "./cells.ts";
import { startWorker, type Worker } from "./channel.ts";
import type { WindowOptions, WindowResult } from "./closed-loop.ts";
import type { Served } from "./contestant.ts";
import { cpuMicrosOf, foreignShare, machineTime } from "./machine.ts";
import type { ProfiledFunction } from "./profile.ts";
import type { Sample } from "./results.ts";
import type { Entry } from "./roster.ts";

/** The processes of one contestant: its client and, unless calls stay within the process, its server and perhaps a broker. */
export interface Pair {
  readonly entry: Entry;
  /** Runs one window. */
  measure(cell: Cell, windowMs: number): Promise<Sample>;
  /** Runs one window under the profiler; gives the time of each function for one call, by side. */
  profile(cell: Cell, windowMs: number): Promise<Profile>;
  end(): Promise<void>;
}

/** CPU time of functions, in µs for each call. */
export interface Profile {
  readonly calls: number;
  readonly client: readonly ProfiledFunction[];
  readonly server: readonly ProfiledFunction[];
}

const WORKER = join(import.meta.dirname, "..", "worker.ts");
/** How long a window may take besides its own length, for calls that are slow to end. */
const DRAIN_MS_MAX = 20_000;

/** Starts the processes of a contestant and connects them. `withServer` is false for calls within one process. */
export async function startPair(entry: Entry, { withServer }: { withServer: boolean }): Promise<Pair> {
  const server = withServer ? startWorker(WORKER) : undefined;
  const client = startWorker(WORKER);
  try {
    const what = { file: entry.file, variant: entry.variant };
    await Promise.all([server?.ask("load", what), client.ask("load", what)]);
    const served = await server?.ask<Served>("serve");
    await client.ask("connect", { place: served?.place ?? "" });
    return new ProcessPair(entry, { client, server, brokerPid: served?.brokerPid });
  } catch (error) {
    await Promise.all([client.end(), server?.end()]);
    throw error;
  }
}

interface Processes {
  readonly client: Worker;
  readonly server: Worker | undefined;
  readonly brokerPid: number | undefined;
}

class ProcessPair implements Pair {
  readonly entry: Entry;
  readonly #processes: Processes;

  constructor(entry: Entry, processes: Processes) {
    this.entry = entry;
    this.#processes = processes;
  }

  async measure(cell: Cell, windowMs: number): Promise<Sample> {
    const before = machineTime();
    const othersBefore = await this.#cpuOfOthers();
    const own = process.cpuUsage();
    const result = await this.#run(cell, windowMs);
    const cpuMicros = result.cpuMicros + (await this.#cpuOfOthers()) - othersBefore;
    const { user, system } = process.cpuUsage(own);
    return {
      rate: (result.calls / result.elapsedMs) * 1000,
      cpuMicros: cpuMicros / result.callsAll,
      p50Micros: result.p50Micros,
      p99Micros: result.p99Micros,
      foreign: foreignShare(before, machineTime(), cpuMicros + user + system),
    };
  }

  async profile(cell: Cell, windowMs: number): Promise<Profile> {
    const { client, server } = this.#processes;
    await Promise.all([client.ask("startProfile"), server?.ask("startProfile")]);
    const { callsAll } = await this.#run(cell, windowMs);
    const [ofClient = [], ofServer = []] = await Promise.all([
      client.ask<ProfiledFunction[]>("stopProfile"),
      server?.ask<ProfiledFunction[]>("stopProfile"),
    ]);
    const perCall = (functions: readonly ProfiledFunction[]) =>
      functions.map(({ name, selfMicros }) => ({ name, selfMicros: selfMicros / callsAll }));
    return { calls: callsAll, client: perCall(ofClient), server: perCall(ofServer) };
  }

  async end(): Promise<void> {
    const { client, server } = this.#processes;
    await client.end();
    await server?.end();
  }

  #run(cell: Cell, windowMs: number): Promise<WindowResult> {
    const timed = cell.inFlight === 1 && this.#processes.server !== undefined;
    const options: WindowOptions = { inFlight: cell.inFlight, windowMs, timed };
    const timeoutMs = windowMs + DRAIN_MS_MAX;
    return this.#processes.client.ask("run", { work: cell.work, ...options }, { timeoutMs });
  }

  /** CPU time so far of the server and the broker. */
  async #cpuOfOthers(): Promise<number> {
    const { server, brokerPid } = this.#processes;
    const ofServer = (await server?.ask<number>("cpu")) ?? 0;
    return ofServer + (brokerPid === undefined ? 0 : cpuMicrosOf(brokerPid));
  }
}
