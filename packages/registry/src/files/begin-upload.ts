import { OrreryError, type Random } from "@orrery/core";
import { ancestorsOf, parentText } from "../address/address.ts";
import type { BlobStore, BlobUpload } from "../blobs/blob-store.ts";
import { digestOf } from "../blobs/system-digest.ts";
import { UPLOADS_OF_AGENT_MAX, UPLOADS_OPEN_MAX } from "../limits.ts";
import { nothingThere } from "../nothing-there.ts";
import type { Registry, ResourceView } from "../registry.ts";
import { denied } from "../rights/decide.ts";
import type { Verb } from "../rights/verbs.ts";
import { type By, localAddress } from "../write/ground.ts";
import { lockedError } from "../write/locks.ts";
import type { BeginUpload } from "./files.ts";

/** What is written beside an upload. */
export interface UploadNote {
  readonly agent: string;
  readonly address: string;
  readonly bytes: number;
}

/** Writes a note, as `readNote` reads it. */
export function noteOf(note: UploadNote): string {
  return JSON.stringify(note);
}

/** @throws OrreryError `not_found` for an upload that no file was begun by */
export function readNote({ id, note }: Pick<BlobUpload, "id" | "note">): UploadNote {
  if (note !== "") return JSON.parse(note) as UploadNote;
  throw new OrreryError("not_found", `Cannot use upload "${id}": it is not of a file`);
}

/** Names begin with what stands for the agent, so that its uploads can be counted. */
export function nameUpload(agent: string, random: Random): string {
  return `${prefixOf(agent)}${Buffer.from(random.bytes(16)).toString("hex")}`;
}

function prefixOf(agent: string): string {
  return `${digestOf(Buffer.from(agent)).slice("sha256:".length).slice(0, 16)}-`;
}

/** @throws OrreryError `resource_exhausted` where an agent, or all together, have as many uploads as they may */
export async function assertRoom(blobs: BlobStore, id: string): Promise<void> {
  const prefix = id.slice(0, id.indexOf("-") + 1);
  let all = 0;
  let own = 0;
  for await (const { name } of blobs.list("uploads")) {
    all++;
    if (name.startsWith(prefix)) own++;
  }
  const isOwn = own >= UPLOADS_OF_AGENT_MAX;
  if (!isOwn && all < UPLOADS_OPEN_MAX) return;
  const why = isOwn ? `you have ${own} under way` : `${all} are under way`;
  throw new OrreryError("resource_exhausted", `Cannot begin an upload: ${why}, finish or abandon one first`);
}

/** What the files stand on. */
export interface FilesBase {
  readonly registry: Registry;
  readonly operator: string;
  readonly now: () => number;
  readonly fileBytesMax: number;
}

/** Looks whether a file may be made or changed as things are now; the write at the end looks again. Gives its address. */
export async function assertMayUpload(
  { address: text, bytes, ifRevision }: BeginUpload,
  by: By,
  base: FilesBase,
): Promise<string> {
  const address = localAddress(text);
  if (!address.includes(":/") || address.endsWith("/"))
    throw new OrreryError(
      "invalid_argument",
      `Cannot upload to "${address}": it names no file, write it as in demo.test:files:/notes.txt`,
    );
  if (!(Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= base.fileBytesMax))
    throw new OrreryError(
      "out_of_range",
      `Cannot upload ${bytes} bytes to "${address}": a file has up to ${base.fileBytesMax}`,
    );
  await assertNoOutsider(address, by, base);
  const before = await peek(address, base);
  if (before === undefined) await assertMayCreate(address, { by, ifRevision }, base);
  else await assertMayChange(before, { by, ifRevision }, base);
  return address;
}

interface Doing {
  readonly by: By;
  readonly ifRevision: number | undefined;
}

async function assertMayChange(file: ResourceView, { by, ifRevision }: Doing, base: FilesBase): Promise<void> {
  const { address, kind, revision, lock } = file;
  await assertMay({ agent: by.agent, verb: "write", address }, base);
  if (kind !== "File")
    throw new OrreryError("failed_precondition", `Cannot upload to "${address}": it is a ${kind}, not a File`);
  if (ifRevision !== undefined && ifRevision !== revision)
    throw new OrreryError(
      "aborted",
      `Cannot upload to "${address}": it is at revision ${revision}, not ${ifRevision}, read it again`,
      { details: { address, revision } },
    );
  if (lock === undefined || lock.until <= base.now() || by.token !== undefined) return;
  throw lockedError(`upload to "${address}"`, { address, lock });
}

async function assertMayCreate(address: string, { by, ifRevision }: Doing, base: FilesBase): Promise<void> {
  for (const above of ancestorsOf(address)) {
    const found = await peek(above, base);
    if (found === undefined && above.includes(":/")) continue; // A directory that will be made on the way.
    if (found === undefined) break;
    await assertMay({ agent: by.agent, verb: "create", address: above }, base);
    if (ifRevision !== undefined)
      throw new OrreryError("not_found", `Cannot upload to "${address}" at revision ${ifRevision}: it is not there`);
    if (found.kind === "FileSystem" || found.kind === "Directory") return;
    const why = `"${above}" is a ${found.kind}, files lie in a FileSystem`;
    throw new OrreryError("failed_precondition", `Cannot upload to "${address}": ${why}`);
  }
  const system = address.slice(0, address.indexOf(":/"));
  throw new OrreryError("not_found", `Cannot upload to "${address}": there is no "${system}", create that first`, {
    details: { address, parent: parentText(address) },
  });
}

async function assertMay(wish: Wish, { registry }: FilesBase): Promise<void> {
  const decision = await registry.can(wish, { agent: wish.agent });
  if (!decision.allowed) throw denied(wish, decision);
}

/** Whoever may neither change a file nor make anything on the way to it is told so before anything is looked for. */
async function assertNoOutsider(address: string, { agent }: By, { registry }: FilesBase): Promise<void> {
  const places = ancestorsOf(address).filter((above) => above.includes(":"));
  const first = { agent, verb: "create", address: parentText(address) } as const;
  const decision = await registry.can(first, { agent });
  const others = places.map((place): Wish => ({ agent, verb: "create", address: place }));
  for (const wish of [{ agent, verb: "write", address } as const, ...others])
    if (decision.allowed || (await registry.can(wish, { agent })).allowed) return;
  throw denied(first, decision);
}

interface Wish {
  readonly agent: string;
  readonly verb: Verb;
  readonly address: string;
}

/** What is there, whoever may see it. */
export async function peek(
  address: string,
  { registry, operator }: Pick<FilesBase, "registry" | "operator">,
): Promise<ResourceView | undefined> {
  return await registry.get(address, { agent: operator }).catch(nothingThere);
}
