import { type ChildProcess, fork } from "node:child_process";

/** What a worker can be asked, by name. */
export type Operations = Readonly<Record<string, (data: never) => unknown>>;

/** A process that answers the driver's questions, one at a time. */
export interface Worker {
  readonly pid: number;
  /** Asks, and waits for the answer. @throws Error with the worker's text, or when it has ended or takes too long. */
  ask<T>(operation: string, data?: unknown, options?: { timeoutMs?: number }): Promise<T>;
  /** Ends the process, at once when it does not end by itself. Twice is once. */
  end(): Promise<void>;
}

interface Answer {
  readonly result?: unknown;
  readonly error?: string;
}

const ANSWER_MS_MAX = 60_000;
const END_MS_MAX = 2_000;

const alive = new Set<Worker>();

/** Starts a worker. It runs on this very Node and resolves packages as this process does: their `dist`, unless asked for sources. */
export function startWorker(file: string, nodeOptions: readonly string[] = []): Worker {
  const child = fork(file, [], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: [...process.execArgv, ...nodeOptions],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const worker: Worker = {
    pid: child.pid ?? 0,
    ask: (operation, data, { timeoutMs = ANSWER_MS_MAX } = {}) => ask(child, { operation, data, timeoutMs }),
    async end() {
      alive.delete(worker);
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), END_MS_MAX);
      await exited;
      clearTimeout(timer);
    },
  };
  alive.add(worker);
  return worker;
}

/** Ends every worker that is still there. */
export async function endWorkers(): Promise<void> {
  await Promise.all([...alive].map((worker) => worker.end()));
}

interface Question {
  readonly operation: string;
  readonly data: unknown;
  readonly timeoutMs: number;
}

function ask<T>(child: ChildProcess, { operation, data, timeoutMs }: Question): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const fail = (why: string) => reject(new Error(`Cannot ${operation}: ${why}`));
  const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
  const onAnswer = (answer: Answer) =>
    answer.error === undefined ? resolve(answer.result as T) : fail(answer.error.split("\n")[0] ?? "");
  const onExit = () => fail("the process has ended");
  child.once("message", onAnswer);
  child.once("exit", onExit);
  if (child.connected) child.send({ operation, data });
  else onExit();
  return promise.finally(() => {
    clearTimeout(timer);
    child.off("message", onAnswer);
    child.off("exit", onExit);
  });
}

/** The worker's side: answers questions until the driver is gone, then ends the process. Ctrl-C is the driver's to handle. */
export function answerDriver(operations: Operations): void {
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit(0));
  process.on("message", ({ operation, data }: { operation: string; data: never }) => {
    const work = async () => operations[operation]?.(data);
    work().then(
      (result) => process.send?.({ result } satisfies Answer),
      (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
}
