import { CommandError, EXIT } from "./command-error.ts";
import { REQUEST_BYTES_MAX } from "./limits.ts";
import { isWatched } from "./run/watched.ts";
import type { Terminal } from "./terminal.ts";

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
    say: (line) => void process.stderr.write(`${line}\n`),
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
