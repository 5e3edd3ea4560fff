import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Clock } from "@orrery/core";
import { APP_CODE_KEPT } from "./limits.ts";

/** Options of `createAppCode`. */
export interface AppCodeOptions {
  /** Folder in which code is unpacked, of which this is the only user. */
  readonly folder: string;
  readonly clock: Pick<Clock, "now">;
  /** Folders of code that runs, or is about to. */
  readonly used: () => readonly string[];
}

/** Code of apps, unpacked once for each digest of a bundle. */
export interface AppCode {
  /** The folder of what an app is to run, in the place of what it was to run before; where it is not there, `unpack` makes it. */
  folderOf(
    wanted: { readonly app: string; readonly digest: string },
    unpack: (folder: string) => Promise<unknown>,
  ): Promise<string>;
  /** An app wants no code any more. */
  forget(app: string): void;
}

/** Names of folders with code, and of what was not brought to its end, either way. */
const DIGEST = /^[0-9a-f]{64}$/;
const LEFT = /^[0-9a-f]{64}\./;

/**
 * Makes what keeps code. I1: what runs or is wanted stays. I2: of the rest only the `APP_CODE_KEPT` that were used last stay. I3: a folder that
 * has the name of a digest is whole.
 */
export function createAppCode({ folder, clock, used }: AppCodeOptions): AppCode {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder).filter((one) => LEFT.test(one)))
    rmSync(join(folder, name), { recursive: true });
  const wanted = new Map<string, string>();
  const sweep = () => {
    const there = readdirSync(folder).filter((name) => DIGEST.test(name));
    const running = used().map((path) => relative(folder, path).split(sep)[0] ?? "");
    const kept = new Set([...running, ...wanted.values()].filter((name) => there.includes(name))); // I1
    const atMs = (name: string) => statSync(join(folder, name)).mtimeMs;
    for (const name of kept) utimesSync(join(folder, name), clock.now() / 1_000, clock.now() / 1_000);
    const others = there.filter((name) => !kept.has(name)).sort((a, b) => atMs(b) - atMs(a) || (a < b ? -1 : 1));
    for (const name of others.slice(APP_CODE_KEPT)) remove(join(folder, name)); // I2
  };
  sweep();
  return {
    folderOf: async ({ app, digest }, unpack) => {
      const name = digest.replace(/^sha256:/, "");
      const place = join(folder, name);
      wanted.set(app, name);
      if (isFolder(place)) return place;
      try {
        await unpack(place);
        letIn(place);
      } catch (error) {
        if (!isFolder(place)) throw error; // Else another app brought the same.
      }
      sweep();
      return place;
    },
    forget: (app) => {
      if (wanted.delete(app)) sweep();
    },
  };
}

/** Takes the name at once, for whoever wants it again, and the files in their time. I3 */
function remove(path: string): void {
  const gone = `${path}.gone`;
  rmSync(gone, { recursive: true, force: true });
  renameSync(path, gone);
  void rm(gone, { recursive: true, force: true }).catch(() => undefined); // What is left goes at the next start.
}

/** Lets other users into folders, as which apps may run; who gets as far is decided above. */
function letIn(place: string): void {
  chmodSync(place, 0o755);
  for (const entry of readdirSync(place, { recursive: true, withFileTypes: true }))
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
