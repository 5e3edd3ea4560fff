import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, openSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { CommandError, EXIT } from "../command-error.ts";
import { LINE_LENGTH_MAX } from "./limits.ts";
import type { SpaceRecord } from "./space-record.ts";

/** Writes records to a new file for its owner alone, packed, with their sum at the end; nothing is left of one that fails. @throws CommandError where it is there already */
export async function writeSpaceFile(path: string, records: AsyncIterable<SpaceRecord>): Promise<void> {
  const fd = openNew(path);
  const lines = async function* () {
    const sum = createHash("sha256");
    let count = 0;
    for await (const record of records) {
      const line = `${JSON.stringify(record)}\n`;
      sum.update(line);
      count += 1;
      yield line;
    }
    yield `${JSON.stringify({ kind: "end", lines: count, sha256: sum.digest("hex") } satisfies SpaceRecord)}\n`;
  };
  try {
    await pipeline(Readable.from(lines()), createGzip(), createWriteStream(path, { fd, flush: true }));
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

function openNew(path: string): number {
  try {
    return openSync(path, "wx", 0o600);
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === "EEXIST";
    const why = isThere ? "it is there already, name another" : (cause as Error).message;
    throw new CommandError(`Cannot write "${path}": ${why}`, { cause });
  }
}

/** Reads the records of a file, without the last, which their sum must be. @throws CommandError for what is no export, or was changed or cut off */
export async function* readSpaceFile(path: string): AsyncGenerator<SpaceRecord, undefined> {
  const sum = createHash("sha256");
  let count = 0;
  let end: SpaceRecord | undefined;
  try {
    const packed = createReadStream(path);
    const text = packed.pipe(createGunzip());
    packed.on("error", (error) => text.destroy(error));
    for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.length > LINE_LENGTH_MAX || end !== undefined) throw new Error("it has what no export has");
      const record = JSON.parse(line) as SpaceRecord;
      if (count === 0 && (record.kind !== "head" || record.format !== "orrery-space" || record.version !== 1))
        throw new Error("it is no export of a space, or a newer one");
      if (record.kind === "end") {
        end = record;
        continue;
      }
      sum.update(`${line}\n`);
      count += 1;
      yield record;
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw new CommandError(`Cannot read "${path}": it is not there`, { exit: EXIT.notFound, cause });
    throw new CommandError(`Cannot read "${path}": ${message}, name a file that orrery space export wrote`, { cause });
  }
  if (end?.kind !== "end" || end.lines !== count || end.sha256 !== sum.digest("hex"))
    throw new CommandError(`Cannot read "${path}": it was cut off or changed, export the space again`);
}
