import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

/** A process that is told things by lines of JSON, and answers each by one. */
export interface Program {
  readonly child: ChildProcess;
  /** The next line that it prints. @throws Error when it has ended. */
  next<T>(): Promise<T>;
  /** Says a line and gives the next one that it prints. */
  ask<T>(line: object): Promise<T>;
}

/** Starts a script on the Node that runs this, behind some words of another command; it dies with the test. */
export function startProgram(
  t: Pick<TestContext, "after">,
  before: readonly string[],
  script: URL,
  args: readonly string[],
): Program {
  const words = [...before, process.execPath, "--conditions=source", fileURLToPath(script), ...args];
  const [command = "", ...rest] = words;
  const child = spawn(command, rest, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => undefined); // It ended while it was told something; `next` says so.
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${words.slice(-args.length - 1).join(" ")} has ended`);
    return JSON.parse(value) as T;
  };
  return {
    child,
    next,
    ask(line) {
      child.stdin.write(`${JSON.stringify(line)}\n`);
      return next();
    },
  };
}
