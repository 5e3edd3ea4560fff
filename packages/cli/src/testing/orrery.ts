import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../bin/orrery.js", import.meta.url));

/** What a process left behind. */
export interface Ended {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** Options of a real command. */
export interface OrreryOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the command as a process of its own, to its end. */
export async function orrery(words: readonly string[], options: OrreryOptions): Promise<Ended> {
  return await start(words, options).ended;
}

/** One instance of an application, as the ready line tells it. */
export interface InstanceFact {
  readonly address: string;
  readonly pid: number;
  readonly state: string;
}

/** A line of JSON that `orrery run --output=json` prints. */
export interface RunEvent {
  readonly event: string;
  readonly pid: number;
  readonly addresses: readonly string[];
  readonly http: string;
  /** Of `orrery run`, and `orrery up`: where routes are answered. */
  readonly web?: string;
  /** Of `orrery run`: where its resources are reached, if it has some. */
  readonly resources?: string;
  readonly components: readonly { readonly name: string; readonly instances: readonly InstanceFact[] }[];
  readonly component: string;
  /** Of `orrery supervise`. */
  readonly child: string;
  readonly address: string;
  readonly text: string;
  /** Of `orrery supervise`: why a process ended. */
  readonly reason: string;
}

/** An application that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly events: readonly RunEvent[];
  /** The first event of a kind that comes after those that were asked for before. */
  next(kind: string): Promise<RunEvent>;
  /** Waits for a text on standard error, behind what was asked for before. */
  says(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** Starts `orrery run … --output=json`; await `next("ready")`. */
export function startRun(words: readonly string[], options: OrreryOptions): Running {
  return startEvents(["run", ...words], options);
}

/** Starts a command that tells what happens when it is asked for JSON, a line for each event. */
export function startEvents(words: readonly string[], options: OrreryOptions): Running {
  return startLines([...words, "--output=json"], options);
}

/** Starts a command that tells what happens by lines of JSON wherever nobody looks, such as `orrery watch`. */
export function startLines(words: readonly string[], options: OrreryOptions): Running {
  const { child, ended, streams } = start(words, options);
  const events: RunEvent[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  let readTo = 0;
  let saidTo = 0;
  createInterface({ input: child.stdout ?? process.stdin }).on("line", (line) => {
    events.push(JSON.parse(line) as RunEvent);
    wake();
  });
  child.stderr?.on("data", wake);
  const wait = <T>(look: () => T | undefined, what: string) =>
    new Promise<T>((resolve, reject) => {
      const again = () => {
        const found = look();
        if (found === undefined) return;
        waiting.delete(again);
        resolve(found);
      };
      waiting.add(again);
      void ended.then(({ err }) => reject(new Error(`Cannot wait for ${what}: it has ended\n${err}`)));
      again();
    });
  return {
    child,
    events,
    ended,
    next: (kind) =>
      wait(() => {
        const at = events.findIndex(({ event }, index) => index >= readTo && event === kind);
        if (at >= 0) readTo = at + 1;
        return events[at];
      }, kind),
    says: (text) =>
      wait(() => {
        const at = streams.err.indexOf(text, saidTo);
        if (at < 0) return undefined;
        saidTo = at + text.length;
        return true;
      }, text).then(() => undefined),
  };
}

/** Ends a host of a test and all that it started, whatever became of it. */
export function killHost({ child, events }: Running): void {
  child.kill("SIGKILL");
  for (const { event, pid } of events) {
    if ((event !== "starting" && event !== "adopted") || pid === 0) continue; // A thread has no number yet.
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
}

function start(words: readonly string[], { cwd, env }: OrreryOptions) {
  const { NODE_TEST_CONTEXT: _, ...own } = process.env; // A test within a test would report to the outer one.
  const child = spawn(process.execPath, ["--conditions=source", BIN, ...words], { cwd, env: { ...own, ...env } });
  child.stdin.end();
  const streams = { out: "", err: "" };
  child.stdout.on("data", (data) => {
    streams.out += String(data);
  });
  child.stderr.on("data", (data) => {
    streams.err += String(data);
  });
  const ended = once(child, "close").then(([exit]) => ({ exit: exit as number | null, ...streams }));
  return { child, ended, streams };
}
