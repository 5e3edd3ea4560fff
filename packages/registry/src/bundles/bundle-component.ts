import { type Component, defineComponent } from "@orrery/core";
import { BundleService } from "../gen/orrery/registry/v1/bundles_pb.ts";
import type { Registry } from "../registry.ts";
import type { Meter } from "../usage/ledger.ts";
import type { Bundles } from "./bundles.ts";
import { ARCHIVES_REMEMBERED, BUNDLE_INSTANCES } from "./limits.ts";
import { readTagHistory, setTag } from "./tags.ts";

/** Options of `createBundleComponent`. */
export interface BundleComponentOptions {
  /** Counts the pieces that come and go. Default: nobody does. */
  readonly meter?: Pick<Meter, "count">;
}

/** Makes the component by which a network publishes and fetches: `orrery.registry.v1.BundleService`. Whoever calls is whoever the message's agent says. */
export function createBundleComponent(
  bundles: Bundles,
  registry: Registry,
  { meter }: BundleComponentOptions = {},
): Component {
  const sent = rememberSent();
  return defineComponent(
    BundleService,
    () => ({
      begin: async ({ address, archive, bytes, digest }, { agent }) => {
        const { published, offset } = await bundles.begin(
          { address, archive, bytes: Number(bytes), digest },
          { agent },
        );
        if (!published) sent.begin({ agent, archive }, address);
        return { published, offset: BigInt(offset) };
      },
      append: async ({ archive, offset, piece }, { agent }) => {
        const at = await bundles.append({ archive, offset: Number(offset), piece }, { agent });
        const address = sent.addressOf({ agent, archive });
        if (address !== undefined) meter?.count(address, { networkIn: piece.length, messages: 1 });
        return { offset: BigInt(at) };
      },
      publish: async (request, { agent }) => {
        const { address, digest, revision, changed } = await bundles.publish(request, { agent });
        return { address, digest, revision: BigInt(revision), changed };
      },
      describe: async ({ address }, { agent }) => bundles.describe(address, { agent }),
      async *fetch({ address: said }, { agent }) {
        const { address } = meter === undefined ? { address: said } : await bundles.describe(said, { agent });
        for await (const piece of bundles.fetch(address, { agent })) {
          meter?.count(address, { networkOut: piece.length, messages: 1 });
          yield { piece };
        }
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

interface Sent {
  readonly agent: string;
  readonly archive: string;
}

/** Remembers of archives that are sent what they will be: their pieces do not say it. */
function rememberSent() {
  const addresses = new Map<string, string>();
  const keyOf = ({ agent, archive }: Sent) => JSON.stringify([agent, archive]);
  return {
    begin: (of: Sent, address: string) => {
      const key = keyOf(of);
      addresses.delete(key);
      addresses.set(key, address);
      const [oldest] = addresses.keys();
      if (addresses.size > ARCHIVES_REMEMBERED && oldest !== undefined) addresses.delete(oldest);
    },
    addressOf: (of: Sent) => addresses.get(keyOf(of)),
  };
}
