import { OrreryError } from "@orrery/core";
import {
  HOST_COMPONENTS_MAX,
  RELEASE_BYTES_MAX,
  RELEASE_FILE_BYTES_MAX,
  RELEASE_FILES_MAX,
  RELEASE_PATH_MAX,
} from "./limits.ts";

/** One file of a version. */
export interface ReleaseFile {
  /** From the root of the version; `/` between folders. */
  readonly path: string;
  /** SHA-256 of its content, in hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** What one version of a component is made of: data that says everything but the bytes themselves. */
export interface Release {
  /** File or folder that holds the component, from the root of the version. */
  readonly entry: string;
  /** In the order of their paths. */
  readonly files: readonly ReleaseFile[];
}

/** Versions by component. */
export type Versions = ReadonlyMap<string, string>;

/** Where a host keeps versions. The machine's is a folder. */
export interface ReleaseStore {
  /** Versions of what the host's folder holds now; each is kept. @throws OrreryError for what cannot be read. */
  folder(): Promise<Versions>;
  /** Whether a version is here, whole. */
  has(version: string): boolean;
  /** SHA-256 of the files that are still missing for a version. */
  missing(release: Release): readonly string[];
  /** Keeps the content of one file; gives its SHA-256. */
  put(content: Uint8Array): string;
  /** Keeps a version of whose files none is missing; gives its name, by which everybody calls it. */
  keep(release: Release): string;
  /** Forgets old versions, but none of these. */
  sweep(keep: ReadonlySet<string>): void;
}

/** What `apply` left on a host, by component: it counts until the folder says something else of that component. */
export interface Applied {
  readonly version: string;
  /** What the folder said then; empty when it said nothing. */
  readonly over: string;
}

/** Name of a component on a host: that of its file without ending, or of its folder. */
export const COMPONENT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** The text that a version is named by: the same files have the same name everywhere. */
export function releaseText({ entry, files }: Release): string {
  return JSON.stringify([entry, files.map(({ path, sha256, bytes }) => [path, sha256, bytes])]);
}

/**
 * What is to run, from what the folder holds and what was applied: of both, what came last.
 */
export function wantedVersions(folder: Versions, applied: ReadonlyMap<string, Applied>): Versions {
  const wanted = new Map(folder);
  for (const [name, { version, over }] of applied) if ((folder.get(name) ?? "") === over) wanted.set(name, version);
  return new Map([...wanted].filter(([, version]) => version !== "").sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One difference between what runs and what is to run. */
export interface Change {
  readonly component: string;
  readonly kind: "add" | "replace" | "remove";
  /** Empty for none. */
  readonly from: string;
  /** Empty for none. */
  readonly to: string;
}

/** Says what is otherwise, in the order of the names. */
export function changesOf(from: Versions, to: Versions): readonly Change[] {
  const names = [...new Set([...from.keys(), ...to.keys()])].sort();
  return names.flatMap((component): Change[] => {
    const [before = "", after = ""] = [from.get(component), to.get(component)];
    if (before === after) return [];
    return [{ component, kind: before === "" ? "add" : after === "" ? "remove" : "replace", from: before, to: after }];
  });
}

/** @throws OrreryError `invalid_argument` or `resource_exhausted` for a release that cannot be kept, or would write elsewhere. */
export function assertRelease(name: string, { entry, files }: Release): void {
  if (!COMPONENT_NAME.test(name))
    throw unfit(name, "a name has up to 48 letters, digits, dashes and _, and begins with a letter or digit");
  if (files.length === 0 || files.length > RELEASE_FILES_MAX)
    throw tooMuch(name, `it has ${files.length} files, write 1 to ${RELEASE_FILES_MAX}`);
  let sum = 0;
  let last = "";
  for (const { path, sha256, bytes } of files) {
    if (!isInside(path) || path <= last) throw unfit(name, `"${path}" is no path inside it, or is not in order`);
    if (!SHA256.test(sha256)) throw unfit(name, `"${path}" has no SHA-256`);
    if (!(Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= RELEASE_FILE_BYTES_MAX))
      throw tooMuch(name, `"${path}" has ${bytes} bytes, the limit is ${RELEASE_FILE_BYTES_MAX}`);
    last = path;
    sum += bytes;
  }
  if (sum > RELEASE_BYTES_MAX) throw tooMuch(name, `its files have ${sum} bytes, the limit is ${RELEASE_BYTES_MAX}`);
  if (!isInside(entry) || !files.some(({ path }) => path === entry || path.startsWith(`${entry}/`)))
    throw unfit(name, `its entry "${entry}" is none of its files`);
}

/** @throws OrreryError `resource_exhausted` for more components than a host runs. */
export function assertCount(components: number): void {
  if (components > HOST_COMPONENTS_MAX)
    throw tooMuch("all", `there are ${components} components, the limit is ${HOST_COMPONENTS_MAX}`);
}

function isInside(path: string): boolean {
  const parts = path.split("/");
  const isPlain = parts.every((part) => part !== "" && part !== "." && part !== ".." && !/[\0\\]/.test(part));
  return path.length <= RELEASE_PATH_MAX && isPlain && !parts.includes("node_modules");
}

function unfit(name: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot keep component "${name}": ${why}`);
}

function tooMuch(name: string, why: string): OrreryError {
  return new OrreryError("resource_exhausted", `Cannot keep component "${name}": ${why}`);
}
