import { createHash } from "node:crypto";
import { OrreryError } from "@orrery/core";
import { type GuestReply, guestReply } from "@orrery/guest/abi";
import { ancestorsOf, type Files, type Registry } from "@orrery/registry";
import { type BlobSource, readBytes } from "../web/blob-source.ts";
import { ARTIFACT_BYTES_MAX } from "./limits.ts";

/** A file that a mechtron writes. */
export interface GuestFile {
  readonly address: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Reads and writes files for mechtrons, with the rights of each; what they make is their owners'. */
export interface GuestFiles {
  /** @throws OrreryError `not_found`, `permission_denied`, `failed_precondition` for what has no content, `resource_exhausted` for what is too large */
  read(address: string, who: { readonly address: string }): Promise<GuestReply>;
  /** @throws OrreryError as `Files` */
  write(file: GuestFile, who: { readonly address: string; readonly owner: string }): Promise<void>;
}

/** Options of `createGuestFiles`. */
export interface GuestFilesOptions {
  readonly registry: Registry;
  readonly files: Files;
  readonly blobs: BlobSource;
}

/** Types that say nothing: the name of a file says more. */
const SAID_TYPES = new Set(["", "application/octet-stream"]);

/** Makes what reads and writes files for mechtrons. */
export function createGuestFiles({ registry, files, blobs }: GuestFilesOptions): GuestFiles {
  return {
    read: async (address, who) => {
      const { kind, state } = await registry.get(address, { agent: who.address });
      const content = state["content"];
      const cannot = `Cannot read "${address}"`;
      if (content === undefined)
        throw new OrreryError("failed_precondition", `${cannot}: it is a ${kind}, without content`);
      if (content.bytes > ARTIFACT_BYTES_MAX)
        throw new OrreryError(
          "resource_exhausted",
          `${cannot}: it has ${content.bytes} bytes, the limit is ${ARTIFACT_BYTES_MAX}`,
        );
      return guestReply({ contentType: "application/octet-stream", body: await readBytes(blobs, content.digest) });
    },
    write: async ({ address, contentType, body }, who) => {
      const by = { agent: who.address };
      const upload = await files.begin({ address, bytes: body.length }, by);
      try {
        for (let offset = 0; offset < body.length; offset += PIECE_BYTES)
          await files.append({ upload, offset, data: body.subarray(offset, offset + PIECE_BYTES) }, by);
        const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
        const typed = SAID_TYPES.has(contentType) ? {} : { contentType };
        await files.finish({ upload, address, bytes: body.length, digest, ...typed }, by);
      } catch (error) {
        await files.abandon(upload, by).catch(() => undefined); // Else it is swept.
        throw error;
      }
      await giveAway(address, who, registry);
    },
  };
}

const PIECE_BYTES = 1024 * 1024;

/** Gives what a mechtron made on the way to its owner: the file first, and then the directories in which it lies. */
async function giveAway(
  address: string,
  who: { readonly address: string; readonly owner: string },
  registry: Registry,
): Promise<void> {
  const by = { agent: who.address };
  for (const one of [address, ...ancestorsOf(address)]) {
    const found = await registry.get(one, by).catch(() => undefined); // What it may not see it did not make.
    if (found?.owner === who.address) await registry.change({ address: one, owner: who.owner }, by);
  }
}
