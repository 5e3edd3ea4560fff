import type { Client } from "@orrery/core";
import type { BundleService } from "../gen/orrery/registry/v1/bundles_pb.ts";
import type { By } from "../registry.ts";
import type { Bundles } from "./bundles.ts";
import { PUBLISH_MS } from "./limits.ts";
import type { BundleAccess } from "./publish-folder.ts";

/** Bundles of the own process, in somebody's name. */
export function bundlesAs(bundles: Bundles, by: By): BundleAccess {
  return {
    begin: (request) => bundles.begin(request, by),
    append: (request) => bundles.append(request, by),
    publish: (request) => bundles.publish(request, by),
    describe: (address) => bundles.describe(address, by),
    fetch: (address) => bundles.fetch(address, by),
  };
}

/** Bundles of another process, in the name of the client's node. */
export function bundlesAt(client: Client<typeof BundleService>): BundleAccess {
  return {
    begin: async (request) => {
      const { published, offset } = await client.begin({ ...request, bytes: BigInt(request.bytes) });
      return { published, offset: Number(offset) };
    },
    append: async ({ archive, offset, piece }) =>
      Number((await client.append({ archive, offset: BigInt(offset), piece: Uint8Array.from(piece) })).offset),
    publish: async (request) => {
      const { address, digest, revision, changed } = await client.publish(request, { timeoutMs: PUBLISH_MS });
      return { address, digest, revision: Number(revision), changed };
    },
    describe: async (address) => client.describe({ address }),
    async *fetch(address) {
      for await (const { piece } of client.fetch({ address })) yield piece;
    },
  };
}
