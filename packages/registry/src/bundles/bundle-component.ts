import { type Component, defineComponent } from "@orrery/core";
import { BundleService } from "../gen/orrery/registry/v1/bundles_pb.ts";
import type { Registry } from "../registry.ts";
import type { Bundles } from "./bundles.ts";
import { BUNDLE_INSTANCES } from "./limits.ts";
import { readTagHistory, setTag } from "./tags.ts";

/** Makes the component by which a network publishes and fetches: `orrery.registry.v1.BundleService`. Whoever calls is whoever the message's agent says. */
export function createBundleComponent(bundles: Bundles, registry: Registry): Component {
  return defineComponent(
    BundleService,
    () => ({
      begin: async ({ address, archive, bytes, digest }, { agent }) => {
        const { published, offset } = await bundles.begin(
          { address, archive, bytes: Number(bytes), digest },
          { agent },
        );
        return { published, offset: BigInt(offset) };
      },
      append: async ({ archive, offset, piece }, { agent }) => ({
        offset: BigInt(await bundles.append({ archive, offset: Number(offset), piece }, { agent })),
      }),
      publish: async (request, { agent }) => {
        const { address, digest, revision, changed } = await bundles.publish(request, { agent });
        return { address, digest, revision: BigInt(revision), changed };
      },
      describe: async ({ address }, { agent }) => bundles.describe(address, { agent }),
      async *fetch({ address }, { agent }) {
        for await (const piece of bundles.fetch(address, { agent })) yield { piece };
      },
      setTag: async ({ series, tag, version }, { agent }) => {
        const { address, revision, changed } = await setTag(registry, { series, tag, version }, { agent });
        return { address, revision: BigInt(revision), changed };
      },
      listMoves: async ({ series, tag }, { agent }) => {
        const moves = await readTagHistory(registry, { series, tag }, { agent });
        return {
          moves: moves.map(({ version, revision, at, agent: by }) => {
            return { version, revision: BigInt(revision), atMs: BigInt(at), agent: by };
          }),
        };
      },
    }),
    { instances: BUNDLE_INSTANCES, streams: "beside" },
  );
}
