import { CommandError, EXIT } from "./command-error.ts";
import { REQUEST_BYTES_MAX } from "./limits.ts";
import { isWatched } from "./run/watched.ts";
import { openSystemScreen } from "./system-screen.ts";
import { readSecret } from "./system-secret.ts";
import type { ReadLinesOptions, Terminal } from "./terminal.ts";

/** Makes the terminal of this process. */
export function createSystemTerminal(): Terminal {
  let isOpen = true;
  process.stdout.on("error", () => {
    isOpen = false; // Whoever read has gone, as `head` does when it has enough.
  });
  const write = (data: string | Uint8Array) => {
    if (!isOpen) return Promise.resolve(false);
    return new Promise<boolean>((resolve) => process.stdout.write(data, (error) => resolve(error == null && isOpen)));
  };
  return {
    env: process.env,
    cwd: process.cwd(),
    isScreen: process.stdout.isTTY === true,
    write,
    writeBytes: write,
    width: process.stdout.columns ?? PAGE_WIDTH,
    isInteractive: process.stdin.isTTY === true && process.stdout.isTTY === true,
    say: (line) => void process.stderr.write(`${line}\n`),
    progress: (line) => void (process.stderr.isTTY && process.stderr.write(`\r${line}\u001b[K`)),
    readLines,
    openScreen: openSystemScreen,
    readSecret,
    readInput,
    onInterrupt(listener) {
      if (isWatched()) return onParent(listener);
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, listener);
      return () => {
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, listener);
      };
    },
  };
}

/** A run that is watched over is ended by the process that watches; a terminal tells Ctrl-C to both. */
function onParent(listener: () => void): () => void {
  process.on("SIGINT", () => undefined);
  process.on("message", listener);
  process.on("disconnect", listener);
  return () => {
    process.off("message", listener);
    process.off("disconnect", listener);
  };
}

/** Columns where there is no screen. */
const PAGE_WIDTH = 100;

async function* readLines({ prompt, complete, onInterrupt }: ReadLinesOptions): AsyncGenerator<string> {
  const { createInterface } = await import("node:readline");
  const isScreen = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const completer = (line: string): [string[], string] => {
    const found = complete(line);
    const isWhole = found.length === 1 && /\w$/.test(found[0] ?? ""); // Behind a whole word, the next one follows.
    return [found.map((word) => (isWhole ? `${word} ` : word)), line.split(/\s+/).at(-1) ?? ""];
  };
  const { stdin: input, stdout: output } = process;
  const reader = createInterface(isScreen ? { input, output, completer } : { input });
  const ask = () => {
    reader.setPrompt(prompt());
    reader.prompt();
  };
  let isBusy = false;
  reader.on("SIGINT", () => {
    output.write("\n");
    if (isBusy) onInterrupt();
    else reader.close();
  });
  try {
    if (isScreen) ask();
    for await (const line of reader) {
      isBusy = true;
      yield line;
      isBusy = false;
      if (isScreen) ask();
    }
  } finally {
    reader.close();
  }
}

async function readInput(): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > REQUEST_BYTES_MAX) {
      const text = `Cannot read standard input: it has more than ${REQUEST_BYTES_MAX} bytes, which is the limit`;
      throw new CommandError(text, { exit: EXIT.usage });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
