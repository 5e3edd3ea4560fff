import { createHash } from "node:crypto";
import { createReadStream, realpathSync, type Stats, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { OrreryError } from "@orrery/core";
import { parseAddress, printAddress, type ResourceView } from "@orrery/registry";
import { LOCAL_OPERATOR, type LocalParts } from "../local/local-parts.ts";
import type { BlobSource } from "../web/blob-source.ts";
import type { WebRegistry } from "../web/system-web-server.ts";
import { FOLDER_DIGESTS_MAX } from "./limits.ts";

/** Folders as a web server finds files in them. */
export interface FolderRegistry {
  readonly registry: WebRegistry;
  readonly blobs: BlobSource;
}

/** Options of `createFolderRegistry`. */
export interface FolderRegistryOptions {
  /** Where all else lies. Default: nowhere. */
  readonly resources?: (() => Promise<Pick<LocalParts, "registry" | "blobs">>) | undefined;
}

/** No files of an app, as in a bundle. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", ".orrery"]);

/**
 * Makes what shows a web server the files of folders, each by the address of the bundle that it would be, as they are at each moment: nothing that was
 * found counts for longer. Every name of this machine is a space, which everybody may read.
 * I1: nothing outside of a folder is read, also not by a link. I2: at most `FOLDER_DIGESTS_MAX` digests are remembered.
 */
export function createFolderRegistry(
  folders: ReadonlyMap<string, string>,
  { resources }: FolderRegistryOptions = {},
): FolderRegistry {
  const files = createDigests();
  let revision = 0;
  const find = async (text: string): Promise<ResourceView | undefined> => {
    if (!text.includes(":")) return NEAR.test(text) ? viewOf(text, "Space") : undefined;
    const { path, ...bundle } = parseAddress(text);
    if (path === undefined) return undefined;
    const folder = folders.get(printAddress(bundle));
    const found = folder === undefined ? undefined : fileIn(folder, path);
    if (found === undefined) return undefined;
    const content = { digest: await files.digestOf(found), bytes: found.stats.size };
    return { ...viewOf(text, "Artifact"), state: { content }, revision: Math.floor(found.stats.mtimeMs) };
  };
  const registry: WebRegistry = {
    get: async (address) => {
      const found = await find(address);
      if (found !== undefined) return found;
      const other = await resources?.();
      if (other !== undefined) return await other.registry.get(address, { agent: LOCAL_OPERATOR });
      throw new OrreryError("not_found", `Cannot read "${address}": it is in no folder of an app`);
    },
    can: async () => ({ allowed: true, rule: "operator", why: "what runs here is for whoever reaches it" }),
    watch: async function* ({ after = 0 }, { signal }) {
      if (signal !== undefined)
        await aborted(signal); // Nothing that is found is kept, so nothing is to be told.
      else yield { revision: after + 1, at: after + 1, agent: "", parts: [], resource: viewOf("file", "Artifact") };
    },
    revision: () => ++revision,
    list: async () => ({ resources: [], revision }),
    change: async () => {
      throw new OrreryError("failed_precondition", "Cannot change a folder: there is no platform");
    },
  };
  const read: BlobSource["read"] = async function* (digest, range) {
    const isFile = files.has(digest) || resources === undefined;
    yield* isFile ? files.read(digest, range) : (await resources()).blobs.read(digest, range);
  };
  return { registry, blobs: { read } };
}

/** Names by which a visitor of this machine means it: under others, pages of strangers could have a browser ask for them. */
const NEAR = /^(127\.0\.0\.1|([a-z0-9-]+\.)*(localhost|test))$/;

interface FolderFile {
  readonly path: string;
  readonly stats: Stats;
}

function fileIn(folder: string, path: string): FolderFile | undefined {
  if (path.split("/").some((part) => LEFT_OUT.has(part))) return undefined;
  try {
    const root = realpathSync(folder);
    const real = realpathSync(join(root, path));
    const inside = relative(root, real);
    if (isAbsolute(inside) || inside.split(sep)[0] === "..") return undefined; // I1
    const stats = statSync(real);
    return stats.isFile() ? { path: real, stats } : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes by their digests, as long as the files are as they were. */
function createDigests() {
  const byFile = new Map<string, string>();
  const paths = new Map<string, string>();
  return {
    digestOf: async ({ path, stats: { size, mtimeMs, ino } }: FolderFile): Promise<string> => {
      const key = `${path} ${size} ${mtimeMs} ${ino}`;
      const known = byFile.get(key);
      if (known !== undefined) return known;
      const hash = createHash("sha256");
      for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
      const digest = `sha256:${hash.digest("hex")}`;
      if (byFile.size >= FOLDER_DIGESTS_MAX) for (const all of [byFile, paths]) all.clear(); // I2
      byFile.set(key, digest);
      paths.set(digest, path);
      return digest;
    },
    has: (digest: string) => paths.has(digest),
    async *read(digest: string, range?: { readonly offset: number; readonly length: number }) {
      const path = paths.get(digest);
      if (path === undefined) throw new OrreryError("not_found", `Cannot read "${digest}": no file here has it`);
      if (range?.length === 0) return;
      const { offset: start, length } = range ?? { offset: 0, length: Number.POSITIVE_INFINITY };
      for await (const piece of createReadStream(path, { start, end: start + length - 1 })) yield piece as Uint8Array;
    },
  };
}

function viewOf(address: string, kind: string): ResourceView {
  return {
    ...{ address, kind, properties: {}, fixed: [], labels: {}, owner: "operator", state: {}, finalizers: [] },
    status: { state: "Ready" },
    created: 1,
    revision: 1,
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
