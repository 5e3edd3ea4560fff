import { OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { isSame, next, type Position } from "./position.ts";
import { changedState } from "./state.ts";
import type { StateFiles } from "./state-files.ts";
import { type ScannedFile, type StartRecord, scanFile } from "./state-record.ts";

/** Names of files that hold a state; the largest number counts. */
export const STATE_FILE: RegExp = /^state-(\d{10})$/;

/** Name of the file with a number. */
export function stateFile(number: number): string {
  return `state-${String(number).padStart(10, "0")}`;
}

/** What the files of a member say: whose they are, and its newest state, with all changes made. */
export type ReadState = Omit<StartRecord, "kind">;

/** Names of the files that hold a state, the newest last. */
export async function stateFilesIn(files: Pick<StateFiles, "list">): Promise<readonly string[]> {
  return (await files.list()).filter((name) => STATE_FILE.test(name)).sort();
}

/**
 * Reads the newest state of some files; undefined where there is none. `called` is what errors call it.
 * @throws OrreryError `data_loss` where it cannot be read, and says where
 */
export async function readStateFiles(
  files: Pick<StateFiles, "list" | "read">,
  called: string,
): Promise<ReadState | undefined> {
  for (const name of (await stateFilesIn(files)).toReversed()) {
    const read = readFile(name, (await files.read(name)) ?? new Uint8Array(0), called);
    if (read !== undefined) return read;
  }
  return undefined;
}

/** What a file says; undefined for one whose beginning was cut short: nobody was told that it is there. */
function readFile(file: string, bytes: Uint8Array, called: string): ReadState | undefined {
  const unfit = (why: string) =>
    new OrreryError("data_loss", `Cannot open the state of "${called}": "${file}": ${why}`);
  const { records, tail, isDamaged, end } = scan(bytes, unfit);
  const [first, ...rest] = records;
  if (isDamaged || (first === undefined && tail === "unreadable")) {
    const why = `byte ${end} of "${file}" and what follows cannot be read`;
    const text = `Cannot open the state of "${called}": ${why}, put back a copy or empty the folder`;
    throw new OrreryError("data_loss", text);
  }
  if (first === undefined) return undefined;
  if (first.kind !== "start") throw unfit("it does not begin with a whole state");
  const { name, members } = first;
  let { promised, snapshot } = first;
  for (const record of rest) {
    if (record.kind === "start") throw unfit("it begins twice");
    if (record.kind === "promised") promised = Math.max(promised, record.promised);
    else {
      const { before, changes } = record.update;
      if (!isSame(before, snapshot.position)) throw unfit(gap(snapshot.position, before));
      promised = Math.max(promised, before.epoch);
      snapshot = { position: next(before), state: changedState(snapshot.state, changes) };
    }
  }
  return { name, members, promised, snapshot };
}

function scan(bytes: Uint8Array, unfit: (why: string) => OrreryError): ScannedFile {
  try {
    return scanFile(bytes);
  } catch (error) {
    throw unfit(messageOf(error));
  }
}

function gap(at: Position, before: Position): string {
  const say = ({ epoch, revision }: Position) => `epoch ${epoch} revision ${revision}`;
  return `a change of ${say(before)} follows ${say(at)}`;
}
