import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A process that says things line by line. */
export interface LineProcess {
  readonly child: ChildProcess;
  /** The next line that it prints. */
  line(): Promise<string>;
}

/** Starts a program of this folder with the flags of this process. */
export function startLines(program: string, words: readonly string[]): LineProcess {
  const child = spawn(process.execPath, [...process.execArgv, program, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, line: async () => String((await lines.next()).value) };
}
