import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { usageError } from "../command-error.ts";
import { REQUEST_BYTES_MAX } from "../limits.ts";
import type { Terminal } from "../terminal.ts";

/** Reads what a word names: `-` is standard input, `@file` a file. @throws CommandError when it cannot be read, or is too large. */
export async function readPlace(place: string, terminal: Terminal): Promise<Uint8Array> {
  if (place === "-") return await terminal.readInput();
  const file = resolve(terminal.cwd, place.slice(1));
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw usageError(`Cannot read "${place.slice(1)}": there is no such file`);
  if (found.size > REQUEST_BYTES_MAX)
    throw usageError(`Cannot read "${place.slice(1)}": it has ${found.size} bytes, the limit is ${REQUEST_BYTES_MAX}`);
  return await readFile(file);
}
