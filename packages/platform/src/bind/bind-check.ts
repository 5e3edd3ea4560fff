import { isOrreryError, OrreryError } from "@orrery/core";
import type { PropertyCheck } from "@orrery/registry";
import type { BlobSource } from "../web/blob-source.ts";
import { findBindDocument, readBindDocument } from "./load-bind.ts";
import { parseUpstreams } from "./upstream-list.ts";

/** Options of the check. */
export interface BindCheckOptions {
  /** Servers, `HOST:PORT`, that upstreams may be, as the web server is told. Default: none. */
  readonly upstreams?: readonly string[];
}

/**
 * Makes the check of the property `bind`, for `checks` of `createRegistry`: what it names must be there, readable to whoever sets it, and
 * a bind without a mistake. Else nothing is written, and the bind before it stays.
 * @throws OrreryError `invalid_argument` for an upstream that is no `HOST:PORT`
 * @example createRegistry({ …, checks: { bind: createBindCheck(blobs) } })
 */
export function createBindCheck(blobs: BlobSource, { upstreams = [] }: BindCheckOptions = {}): PropertyCheck {
  parseUpstreams(upstreams);
  return async ({ address: of, value, get }) => {
    if (typeof value !== "string")
      throw new OrreryError("invalid_argument", `Cannot set "bind" of "${of}": write the address of a file`);
    const find = (one: string) =>
      get(one).catch((error: unknown) => {
        if (isOrreryError(error) && error.code === "not_found") return undefined;
        throw error;
      });
    const document = await findBindDocument(value, { of, get: find });
    await readBindDocument(document, { of, blobs, upstreams });
  };
}
