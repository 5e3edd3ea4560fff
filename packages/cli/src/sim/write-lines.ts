import { createWriteStream } from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CommandError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";

/** Options of a file that is written. */
export interface WriteLinesOptions {
  readonly terminal: Terminal;
  /** What it is, to say that it was written. */
  readonly what: string;
  /** Whether a file that is there stays as it is, and the command fails. Default: false. */
  readonly isNew?: boolean;
}

/** Writes lines into a file, however many, and says so. @throws CommandError when it cannot be written. */
export async function writeLines(
  word: string,
  lines: Iterable<string>,
  { terminal, what, isNew = false }: WriteLinesOptions,
): Promise<void> {
  try {
    const file = createWriteStream(resolve(terminal.cwd, word), { flags: isNew ? "wx" : "w" });
    await pipeline(Readable.from(chunksOf(lines)), file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === "EEXIST" ? "there is a file of that name, choose another" : `it cannot be written (${code})`;
    throw new CommandError(`Cannot write "${word}": ${why}`, { cause });
  }
  terminal.say(`Wrote ${what} to ${word}`);
}

const CHUNK_LENGTH = 65_536;

function* chunksOf(lines: Iterable<string>): Generator<string> {
  let chunk = "";
  for (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk;
}
