import { Worker } from "node:worker_threads";

/** A thread beside this one that ends the process when nothing has happened for too long. */
export interface Watchdog extends Disposable {
  /** Says that something happens: call it before each event. */
  beat(): void;
  /** Says that nothing is to be expected now, until the next `beat`: the world waits for something real, or is not running. */
  rest(): void;
}

/** Options of a watchdog. */
export interface WatchdogOptions {
  /** How long one event may run, in ms of wall time. */
  readonly afterMs: number;
  /** Says what runs, such as node and event. Called when it is too late. */
  readonly describe: () => string;
}

/** How the process ends when an event does not. */
export const SPIN_EXIT_CODE = 70;

/** Where the thread finds `describe` while this one is held. */
const DESCRIBE = "orrery.sim.watchdog";

/**
 * Starts a watchdog. An event that runs longer than `afterMs`, in a loop or in promise jobs without end, can no longer be stopped from
 * inside. So a thread holds the process as a debugger does, writes on the standard error what ran and where in the code, and ends the
 * process with code 70. Where a debugger is attached it does nothing: somebody looks on.
 */
export function startWatchdog({ afterMs, describe }: WatchdogOptions): Watchdog {
  const beats = new Int32Array(new SharedArrayBuffer(8));
  Reflect.set(globalThis, Symbol.for(DESCRIBE), describe);
  const data: WatchData = { beats, afterMs, describe: DESCRIBE, exitCode: SPIN_EXIT_CODE };
  const worker = new Worker(`(${watch.toString()})()`, { eval: true, workerData: data, stdin: false });
  worker.unref();
  const rest = () => {
    beats[1] = 0;
  };
  return {
    beat() {
      // No other thread writes: a plain store is enough, and the watcher sees it soon.
      beats[0] = ((beats[0] ?? 0) + 1) | 0;
      beats[1] = 1;
    },
    rest,
    [Symbol.dispose]() {
      rest();
      void worker.terminate();
    },
  };
}

interface WatchData {
  /** A count of events, and whether one runs. */
  readonly beats: Int32Array;
  readonly afterMs: number;
  readonly describe: string;
  readonly exitCode: number;
}

interface CallFrame {
  readonly functionName: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
}

/** The thread's program. It is handed over as text, so it uses nothing of this file. */
function watch(): void {
  const builtin = <T>(name: string) => process.getBuiltinModule(name) as T;
  const { workerData } = builtin<typeof import("node:worker_threads")>("node:worker_threads");
  const { Session, url } = builtin<typeof import("node:inspector")>("node:inspector");
  const { beats, afterMs, describe, exitCode } = workerData as WatchData;
  let seen = beats[0];
  let sinceMs = performance.now();
  let isHeld = false;
  const look = () => {
    const nowMs = performance.now();
    if (isHeld) return;
    if (beats[1] === 0 || beats[0] !== seen || url() !== undefined) {
      seen = beats[0];
      sinceMs = nowMs;
    } else if (nowMs - sinceMs >= afterMs) {
      isHeld = true;
      hold();
    }
  };
  // It goes on to the end: it alone keeps the thread alive while the debugger answers.
  setInterval(look, Math.max(5, afterMs / 10));

  const hold = () => {
    const session = new Session();
    const files = new Map<string, string>();
    session.connectToMainThread();
    session.on("Debugger.scriptParsed", ({ params }) => files.set(params.scriptId, params.url));
    let steps = 0;
    session.on("Debugger.paused", ({ params }) => {
      // Between two promise jobs only Node's own code is to be seen: the next step leads into one.
      const [top] = params.callFrames as readonly CallFrame[];
      if (top !== undefined && files.get(top.location.scriptId)?.startsWith("node:") && steps++ < 100) {
        session.post("Debugger.stepInto");
        return;
      }
      const frames = (params.callFrames as readonly CallFrame[]).slice(0, 8).map(({ functionName, location }) => {
        const { scriptId, lineNumber, columnNumber = 0 } = location;
        return `    at ${functionName || "a function"} (${files.get(scriptId)}:${lineNumber + 1}:${columnNumber + 1})\n`;
      });
      const expression = `globalThis[Symbol.for(${JSON.stringify(describe)})]()`;
      session.post("Runtime.evaluate", { expression }, (_error, answer) => {
        const what = String(answer?.result?.value ?? "an event");
        const text = `Cannot run on: ${what} has not ended for ${afterMs} ms, look for a loop without an end at\n${frames.join("")}`;
        builtin<typeof import("node:fs")>("node:fs").writeSync(2, text);
        session.post("Runtime.evaluate", { expression: `process.reallyExit(${exitCode})` });
      });
    });
    session.post("Debugger.enable", () => session.post("Debugger.pause"));
  };
}
