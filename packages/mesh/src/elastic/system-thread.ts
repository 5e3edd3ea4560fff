import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { OrreryError } from "@orrery/core";
import { COMPILED } from "../system-compiled.ts";
import type { RunningThread, ThreadProgram } from "./thread-placement.ts";

const FROM_SOURCE = import.meta.url.endsWith(".ts");

/** What a thread says to who started it. */
export type FromThread = { readonly kind: "ready" } | { readonly kind: "failed"; readonly text: string };

/** Starts a worker thread of this process on a program. */
export function startThread(program: ThreadProgram): RunningThread {
  const entry = new URL(FROM_SOURCE ? "../component-thread.ts" : "./component-thread.js", import.meta.url);
  const conditions = FROM_SOURCE ? ["--conditions=source"] : [];
  const worker = new Worker(fileURLToPath(entry), {
    workerData: program,
    execArgv: conditions,
    env: { ...COMPILED, ...process.env },
  });
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  const fail = (why: string) => {
    ready.reject(new OrreryError("unavailable", `Cannot run thread "${program.node}": ${why}`));
    ended.resolve(why);
  };
  ready.promise.catch(() => undefined); // Told to who waits for it.
  worker.on("message", (message: FromThread) => {
    if (message.kind === "ready") ready.resolve();
    else fail(message.text);
  });
  worker.on("error", (error) => fail(error instanceof Error ? error.message : String(error)));
  worker.on("exit", (code) => fail(`it ended with code ${code}`));
  return {
    ready: ready.promise,
    ended: ended.promise,
    drain: () => worker.postMessage("drain"),
    kill: () => void worker.terminate(),
  };
}
