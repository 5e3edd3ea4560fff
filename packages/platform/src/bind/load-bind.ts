import { OrreryError } from "@orrery/core";
import { parseAddress, printAddress, type ResourceView } from "@orrery/registry";
import { resolveTagsIn } from "@orrery/registry/bundles";
import { type BlobSource, readText } from "../web/blob-source.ts";
import type { Bind } from "./bind.ts";
import { BIND_BYTES_MAX } from "./limits.ts";
import { parseBind } from "./parse-bind.ts";

/** What a bind is loaded from. */
export interface LoadBindOptions {
  /** The resource that it is for. */
  readonly of: string;
  /** Reads a resource; undefined where there is none. */
  readonly get: (address: string) => Promise<ResourceView | undefined>;
  readonly blobs: BlobSource;
  /** Servers that upstreams may be. Default: any. */
  readonly upstreams?: readonly string[];
}

/** The document of a bind, found but not read. */
export interface BindDocument {
  /** With the versions that tags name. */
  readonly address: string;
  readonly digest: string;
  readonly bytes: number;
}

/** Finds the document that an address names. @throws OrreryError `not_found`, `invalid_argument` */
export async function findBindDocument(
  text: string,
  { of, get }: Pick<LoadBindOptions, "of" | "get">,
): Promise<BindDocument> {
  const said = parseAddress(text, { base: parseAddress(of) });
  const resolved = await resolveTagsIn(said, get, { isVersionMeant: true });
  const address = resolved === undefined ? printAddress(said) : printAddress(resolved);
  const resource = resolved === undefined ? undefined : await get(address);
  if (resource === undefined)
    throw new OrreryError(
      "not_found",
      `Cannot use "${text}" as bind of "${of}": there is no "${address}", upload it first`,
    );
  const content = resource.state["content"];
  if (content === undefined)
    throw new OrreryError(
      "invalid_argument",
      `Cannot use "${text}" as bind of "${of}": it is a ${resource.kind} without content, name a file of YAML`,
    );
  return { address, digest: content.digest, bytes: content.bytes };
}

/** Reads a document as a bind; its address is what errors call it. @throws OrreryError as `parseBind` */
export async function readBindDocument(
  { address, digest, bytes }: BindDocument,
  { of, blobs, upstreams }: Omit<LoadBindOptions, "get">,
): Promise<Bind> {
  if (bytes > BIND_BYTES_MAX)
    throw new OrreryError(
      "invalid_argument",
      `Cannot read "${address}": it has ${bytes} bytes, a bind has up to ${BIND_BYTES_MAX}`,
    );
  let text: string;
  try {
    text = await readText(blobs, digest);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new OrreryError("invalid_argument", `Cannot read "${address}": it is no text in UTF-8`, { cause });
  }
  return parseBind(text, { file: address, of, ...(upstreams && { upstreams }) });
}
