import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { OrreryError } from "@orrery/core";
import { RELEASES_KEPT_MAX } from "./limits.ts";
import { assertCount, assertRelease, type Release, type ReleaseStore, releaseText, type Versions } from "./release.ts";
import { type FoundEntry, scanFolder } from "./scan-folder.ts";

/** A release with the bytes of its files. */
export interface ReadRelease {
  readonly name: string;
  readonly version: string;
  readonly release: Release;
  /** Content by SHA-256. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** The machine's place for versions. */
export interface ReleaseFolder extends ReleaseStore {
  /** Folder of a version, and the path of its component in it. */
  place(version: string): { readonly cwd: string; readonly path: string };
  /** Files that the components of the folder were made of when it was read last. */
  readonly read: readonly string[];
}

const MANIFEST = ".release.json";
const VERSION_LETTERS = 32;
/** How long a file that was sent waits for the others of its version. */
const BLOB_KEPT_MS = 60 * 60_000;

/** Reads the components of a folder, each with all its files. @throws OrreryError for what cannot be a component. */
export function readReleases(folder: string): readonly ReadRelease[] {
  const entries = scanFolder(folder);
  assertCount(entries.length);
  return entries.map(readRelease);
}

function readRelease({ name, path, files }: FoundEntry): ReadRelease {
  const root = files.reduce((common, file) => commonFolder(common, dirname(file)), dirname(path));
  const contents = new Map<string, Uint8Array>();
  const listed = files.map((file) => {
    const content = readFileSync(file);
    const sha256 = hashOf(content);
    contents.set(sha256, content);
    return { path: slashed(relative(root, file)), sha256, bytes: content.length };
  });
  const release = { entry: slashed(relative(root, path)), files: listed.sort((a, b) => (a.path < b.path ? -1 : 1)) };
  assertRelease(name, release);
  return { name, version: versionOf(release), release, contents };
}

/** Name of a version, made of nothing but what it consists of. */
export function versionOf(release: Release): string {
  return hashOf(releaseText(release)).slice(0, VERSION_LETTERS);
}

/** Keeps versions of a folder's components in another folder, which only the user may enter. */
export function createReleaseFolder(source: string, store: string): ReleaseFolder {
  const [versions, blobs] = [join(store, "v"), join(store, "b")];
  for (const folder of [versions, blobs]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  let read: readonly string[] = [];
  const has = (version: string) => /^[0-9a-f]{32}$/.test(version) && existsSync(join(versions, version, MANIFEST));
  const contentOf = (sha256: string) => readFileSync(join(blobs, sha256));
  return {
    get read() {
      return read;
    },
    async folder(): Promise<Versions> {
      const entries = scanFolder(source);
      assertCount(entries.length);
      read = entries.flatMap(({ files }) => files);
      return new Map(
        entries.map((entry) => {
          const { name, version, release, contents } = readRelease(entry);
          if (!has(version)) write(versions, release, (sha256) => contents.get(sha256) ?? new Uint8Array());
          linkModules(entry.path, join(versions, version, release.entry));
          return [name, version];
        }),
      );
    },
    has,
    missing: (release) =>
      has(versionOf(release))
        ? []
        : [...new Set(release.files.map(({ sha256 }) => sha256))].filter((sha256) => !existsSync(join(blobs, sha256))),
    put(content) {
      const sha256 = hashOf(content);
      replace(join(blobs, sha256), content);
      return sha256;
    },
    keep(release) {
      const version = versionOf(release);
      if (!has(version)) write(versions, release, contentOf);
      return version;
    },
    sweep(keep) {
      for (const blob of readdirSync(blobs)) {
        const file = join(blobs, blob);
        const atMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
        if (Date.now() - atMs > BLOB_KEPT_MS) rmSync(file, { force: true }); // A younger one may wait for the others of its version.
      }
      const old = readdirSync(versions)
        .filter((version) => !keep.has(version))
        .map((version) => ({ version, atMs: statSync(join(versions, version)).mtimeMs }))
        .sort((a, b) => b.atMs - a.atMs);
      for (const { version } of old.slice(RELEASES_KEPT_MAX)) rmSync(join(versions, version), { recursive: true });
    },
    place(version) {
      const cwd = join(versions, version);
      const release = JSON.parse(readFileSync(join(cwd, MANIFEST), "utf8")) as Release;
      return { cwd, path: release.entry };
    },
  };
}

/** Writes a version beside its place and puts it there at once: it is there whole or not at all. */
function write(versions: string, release: Release, contentOf: (sha256: string) => Uint8Array): void {
  const version = versionOf(release);
  const made = join(versions, `.${version}-${randomBytes(4).toString("hex")}`);
  for (const { path, sha256, bytes } of release.files) {
    const content = contentOf(sha256);
    if (content.length !== bytes || hashOf(content) !== sha256)
      throw new OrreryError("data_loss", `Cannot keep version ${version}: "${path}" is not what its hash says`);
    const file = join(made, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, content);
  }
  writeFileSync(join(made, MANIFEST), JSON.stringify(release));
  rmSync(join(versions, version), { recursive: true, force: true }); // What a crash left half.
  renameSync(made, join(versions, version));
}

/** Packages of a component's own folder are found from its versions, too. */
function linkModules(from: string, to: string): void {
  const [modules, link] = [join(from, "node_modules"), join(to, "node_modules")];
  if (existsSync(modules) && !existsSync(link)) symlinkSync(modules, link);
}

function replace(file: string, content: Uint8Array | string): void {
  const made = `${file}.${randomBytes(4).toString("hex")}`;
  writeFileSync(made, content, { mode: 0o600 });
  renameSync(made, file);
}

function commonFolder(one: string, other: string): string {
  const [a, b] = [resolve(one).split(sep), resolve(other).split(sep)];
  const differs = a.findIndex((part, index) => part !== b[index]);
  return a.slice(0, differs < 0 ? a.length : differs).join(sep) || sep;
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}

function hashOf(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}
