import { lstat, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import { sha256, stringToBytes } from "viem";
import { checkPod, type PodCheck } from "../pod/check-pod.ts";
import { POD_FILE_BYTES_MAX } from "../pod/limits.ts";
import { POD_PAGE_SHOWN_MAX } from "./limits.ts";

/** A file of a folder that says what runs. */
export type PodFileFact =
  | { readonly kind: "pod"; readonly file: string; readonly check: PodCheck }
  | { readonly kind: "compose"; readonly file: string };

/** A text of a file, and what tells whether the file still has it. */
export interface KeptText {
  readonly text: string;
  readonly digest: string;
}

/** The pod files of one folder. What it is asked for are names of files in it, and nothing outside. */
export interface PodFiles {
  /** Whole path. */
  readonly folder: string;
  /** Pod files and compose files, by their names. */
  list(): Promise<readonly PodFileFact[]>;
  /** @throws OrreryError `not_found` */
  read(file: string): Promise<KeptText>;
  /** Writes a file that is not there yet. @throws OrreryError `already_exists` */
  create(file: string, text: string): Promise<void>;
  /** Writes a file as a whole. @param was digest of what it is to have been @throws OrreryError `aborted` where somebody else wrote it */
  save(file: string, wish: { readonly text: string; readonly was: string }): Promise<void>;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.ya?ml$/;

/** Opens a folder of pod files. */
export function openPodFiles(folder: string): PodFiles {
  const pathOf = (file: string) => {
    if (NAME.test(file)) return join(folder, file);
    const why = "write letters, digits, dots and dashes that end in .yaml";
    throw new OrreryError("invalid_argument", `Cannot use "${file}" as a pod file: ${why}`);
  };
  const read: PodFiles["read"] = async (file) => {
    const text = await textOf(pathOf(file));
    if (text === undefined)
      throw new OrreryError("not_found", `Cannot read "${file}": there is no such file in "${folder}"`);
    return { text, digest: digestOf(text) };
  };
  return {
    folder,
    read,
    list: async () => {
      const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort();
      const facts = await Promise.all(
        names.slice(0, POD_PAGE_SHOWN_MAX).map(async (file) => factOf(file, (await textOf(join(folder, file))) ?? "")),
      );
      return facts.filter((fact) => fact !== undefined);
    },
    create: async (file, text) => {
      await writeFile(pathOf(file), text, { flag: "wx" }).catch((cause: NodeJS.ErrnoException) => {
        const isThere = cause.code === "EEXIST";
        const why = isThere ? "it is there already, name another file" : cause.message;
        throw new OrreryError(isThere ? "already_exists" : "failed_precondition", `Cannot write "${file}": ${why}`, {
          cause,
        });
      });
    },
    save: async (file, { text, was }) => {
      const path = pathOf(file);
      if (Buffer.byteLength(text) > POD_FILE_BYTES_MAX)
        throw new OrreryError("out_of_range", `Cannot write "${file}": it has more than ${POD_FILE_BYTES_MAX} bytes`);
      if ((await read(file)).digest !== was)
        throw new OrreryError("aborted", `Cannot write "${file}": it was changed by somebody else since you opened it`);
      const fresh = `${path}.new`; // A file is there as a whole, whenever somebody reads it.
      await writeFile(fresh, text, { mode: (await lstat(path)).mode });
      await rename(fresh, path);
    },
  };
}

/** The text of a file that is one and no link, and not too large. */
async function textOf(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size > POD_FILE_BYTES_MAX) return undefined;
  return await readFile(path, "utf8").catch(() => undefined);
}

function factOf(file: string, text: string): PodFileFact | undefined {
  if (/^services:/m.test(text)) return { kind: "compose", file };
  return /^containers:/m.test(text) ? { kind: "pod", file, check: checkPod(text, { file }) } : undefined;
}

function digestOf(text: string): string {
  return sha256(stringToBytes(text));
}
