import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { faultOf } from "./guest-fault.ts";
import type { GuestInstance, GuestPorts } from "./guest-ports.ts";
import { THREAD_NICENESS } from "./limits.ts";
import { createLogBudget } from "./log-budget.ts";
import { createScriptEngine, loadScriptEngine } from "./script-engine.ts";
import { openScriptGuest } from "./script-guest.ts";
import type { FromThread, ToThread } from "./thread-messages.ts";
import { openWasmGuest } from "./wasm-guest.ts";

/** Runs what a `ThreadCell` sends it, until it is terminated. */
export function runGuestThread(): void {
  const port = parentPort;
  if (port === null) throw new Error("Cannot run guests: this is no worker thread, createCage starts it");
  const post = (message: FromThread) => port.postMessage(message);
  const budget = createLogBudget((level, text) => post({ kind: "log", level, text }));
  const waiting = new Map<number, (reply: Uint8Array) => void>();
  let calls = 0;
  const ports: GuestPorts = {
    log: budget.log,
    call: (request) =>
      new Promise((resolve) => {
        waiting.set(++calls, resolve);
        post({ kind: "call", id: calls, request });
      }),
  };
  let guest: GuestInstance | undefined;
  const failed = (error: unknown, fallback: "refused" | "trapped") => {
    const { fault, message } = faultOf(error, fallback);
    post({ kind: "failed", fault, why: message, cpuMs: cpuMs() });
  };
  port.on("message", (message: ToThread) => {
    if (message.kind === "answer") {
      waiting.get(message.id)?.(message.reply);
      waiting.delete(message.id);
    } else if (message.kind === "load") {
      load(message, ports).then(
        (loaded) => {
          guest = loaded.guest;
          post({ kind: "loaded", compiled: loaded.compiled, cpuMs: cpuMs() });
        },
        (error: unknown) => failed(error, "refused"),
      );
    } else {
      guest?.handle(message.request).then(
        (reply) => {
          budget.renew();
          post({ kind: "replied", reply, cpuMs: cpuMs() });
        },
        (error: unknown) => failed(error, "trapped"),
      );
    }
  });
  const thread = becomeNice();
  const tell = () => post({ kind: "runs", thread, cpuMs: cpuMs() });
  tell();
  loadScriptEngine().then(tell, tell); // While it stands ready, as this takes longer than all else.
}

type Load = Extract<ToThread, { kind: "load" }>;
type Loaded = { readonly guest: GuestInstance; readonly compiled: WebAssembly.Module | undefined };

async function load({ code, bounds, seed }: Load, ports: GuestPorts): Promise<Loaded> {
  if (code.kind === "script") {
    const engine = await createScriptEngine(code.engine, bounds.memoryBytes);
    return { guest: openScriptGuest(code.text, { engine, bounds, ports, seed }), compiled: undefined };
  }
  const { source } = code;
  const compiled = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
  return { guest: openWasmGuest(compiled, bounds, ports), compiled: compiled === source ? undefined : compiled };
}

/** Time of the processor that this thread has taken, in ms. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Lets other threads run first, and tells the machine's number of this thread; Linux has a priority for each thread, others have not. */
function becomeNice(): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    setPriority(thread, THREAD_NICENESS);
    return thread;
  } catch {
    return undefined;
  }
}
