import type { NodeProgram } from "./node-program.ts";

/** What stands before the time of a line. */
const STAMP = "\u001e";
/** Characters of a line that are held back until it ends. */
const HELD_MAX = 16 * 1024;

/**
 * Writes the time before each line that this process prints into files of its own. What it writes past `process.stdout` and `process.stderr`, and
 * what it starts, has none.
 */
export function stampOutput({ outputFolder }: Pick<NodeProgram, "outputFolder">): void {
  if (outputFolder === undefined) return;
  for (const stream of [process.stdout, process.stderr]) stampStream(stream);
}

function stampStream(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (text: string, done?: unknown) => boolean;
  const decoder = new TextDecoder(); // A piece may end within a letter.
  let held = "";
  let isOver = false;
  const stamped = (lines: readonly string[]) => lines.map((line) => `${STAMP}${nowUs()} ${line}\n`).join("");
  const flush = () => {
    if (held !== "") write(stamped([held]));
    held = "";
  };
  stream.write = (piece: string | Uint8Array, encoding?: unknown, done?: unknown) => {
    const bytes = typeof piece === "string" ? Buffer.from(piece, encodingOf(encoding)) : piece;
    const lines = (held + decoder.decode(bytes, { stream: true })).split("\n");
    held = lines.pop() ?? "";
    const isTaken = write(stamped(lines), typeof encoding === "function" ? encoding : done);
    if (isOver || held.length > HELD_MAX) flush();
    return isTaken;
  };
  process.once("exit", () => {
    isOver = true; // What masks may still give what it held back.
    flush();
  });
}

/** In whole µs since 1970, so that lines of both streams can be put in their order. */
function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000);
}

function encodingOf(encoding: unknown): BufferEncoding {
  return typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8";
}
