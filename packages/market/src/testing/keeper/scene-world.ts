import { createSeededRandom } from "@orrery/core/conformance";
import { createWorld, type ModelNode, type World } from "@orrery/sim";
import { beatSigner } from "../../keeper/beats.ts";
import type { KeeperRecord, LeaseKeeperOptions } from "../../keeper/lease-keeper.ts";
import { createMemoryRecordStore } from "../../keeper/record-store.ts";
import { createMemoryLedgerStore } from "../../meter/ledger-store.ts";
import { EPOCH_MS, PRICES, setScene, WHO } from "./lease-scene.ts";
import { BLOCK_MS, type NodeState } from "./world-chain.ts";
import { recoverInWorld, worldSigner } from "./world-signatures.ts";

/** A lease that runs in a world whose chain makes blocks by itself; `node` is for a test to change. Nodes are made before it is started. */
export async function openSceneWorld({ seed, deposit }: { readonly seed: number; readonly deposit: bigint }) {
  const world: World = createWorld({ seed, epochMs: EPOCH_MS });
  const random = createSeededRandom(seed);
  const scene = await setScene({ now: () => EPOCH_MS + world.elapsedMs, random, deposit });
  const node: NodeState = { reach: "ok", lossShare: 0 };
  const [ledger, store] = [createMemoryLedgerStore(), createMemoryRecordStore<KeeperRecord>()];
  world.node("chain", {
    run: async ({ clock }) => {
      for (;;) {
        await clock.sleep(BLOCK_MS);
        scene.chain.memory.mine();
      }
    },
  });
  const { terms } = scene;
  const common = { terms, prices: PRICES, random, recover: recoverInWorld };
  return {
    ...{ world, scene, node, common },
    /** The chain as a party has it. */
    chainOf: (who: keyof typeof WHO, { clock }: Pick<ModelNode, "clock">) =>
      scene.chain.connect(WHO[who], { clock, node }),
    /** What a keeper of the lease is opened with: one that serves, and keeps what it must not lose over its lives. */
    keeperOf: ({ clock }: Pick<ModelNode, "clock">): LeaseKeeperOptions => {
      const chain = scene.chain.connect(WHO.provider, { clock, node });
      return {
        ...{ ...common, publisher: WHO.publisher, chain, clock, ledger, store },
        session: beatSigner(worldSigner(WHO.session), chain.domain),
        usage: async () => ({ reserved: { cpu: 1n }, used: {} }),
        prove: async () => true,
        act: async () => undefined,
      };
    },
    pass: (seconds: number) => world.run({ forMs: seconds * 1_000 }),
    end: () => world.end(),
  };
}

/** Calls of the contract that were made, of what was told. */
export function callsOf(
  news: readonly {
    readonly kind: string;
    readonly call?: { readonly kind: string };
    readonly sent?: { readonly kind: string };
  }[],
): readonly string[] {
  return news.flatMap(({ kind, call, sent }) => (kind === "sent" && call && sent?.kind === "mined" ? [call.kind] : []));
}
