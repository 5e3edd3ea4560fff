import { type Component, defineComponent } from "@orrery/core";
import { UsageService } from "../gen/orrery/registry/v1/usage_pb.ts";
import type { Registry } from "../registry.ts";

/** What a usage component tells of. */
export interface UsageComponentOptions {
  /** Whose quotas it tells. */
  readonly registry: Registry;
}

/** Makes the component by which a network asks what is used, and what may be: `orrery.registry.v1.UsageService`. */
export function createUsageComponent({ registry }: UsageComponentOptions): Component {
  return defineComponent(UsageService, () => ({
    quotas: async ({ address }, { agent }) => {
      const quotas = await registry.quotas(address, { agent });
      return {
        quotas: quotas.map(({ address: at, owner = "", bytesMax, bytes }) => {
          return { address: at, owner, bytesMax: BigInt(bytesMax), bytes: BigInt(bytes) };
        }),
      };
    },
  }));
}
