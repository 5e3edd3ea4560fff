import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Pod, parsePod } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, typed } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";

/** The pod file that commands are about where none is named. */
export const POD_FILE = "pod.yaml";

/** A pod file that was read. */
export interface PodFile {
  /** As it was typed. */
  readonly file: string;
  /** Whole path of the folder that it is in: what it names is beside it. */
  readonly folder: string;
  readonly pod: Pod;
}

/** Reads the pod file that is typed. @throws CommandError where it is not there, or is wrong, with every mistake */
export async function readPodFile(input: CommandInput, terminal: Terminal): Promise<PodFile> {
  const [file = POD_FILE] = input.words;
  const path = resolve(terminal.cwd, file);
  const text = readText(file, path);
  const pod = await typed(() => parsePod(text, { file }));
  return { file, folder: dirname(path), pod };
}

/** Reads a file as text. @throws CommandError where there is none, with what to type next */
export function readText(file: string, path: string, tip = "orrery pod init --help"): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const why = isMissing ? "there is no such file" : (cause as Error).message;
    throw new CommandError(`Cannot read "${file}": ${why}`, {
      exit: EXIT.notFound,
      tip: isMissing ? tip : "",
      cause,
    });
  }
}
