import type { Random } from "@orrery/core";
import { bytesToHex } from "viem";
import type { Attester, Measurement } from "./evidence.ts";
import { podMeasurement } from "./measurements.ts";

/** Options of `createPlainAttester`. */
export interface PlainAttesterOptions {
  /** What the provider says that it runs on. */
  readonly base: readonly Measurement[];
  /** Hides pods. */
  readonly random: Pick<Random, "bytes">;
}

/**
 * Makes evidence of kind `none`: all that evidence says, and no proof of it. For trying things, and in the simulator; only a policy that takes the kind by
 * name takes it, and its verdict says that there is no proof.
 */
export function createPlainAttester({ base, random }: PlainAttesterOptions): Attester {
  const pods: { readonly measurement: Measurement; readonly salt: string }[] = [];
  return {
    attest: async (claims) => {
      const isOwn = (one: (typeof pods)[number]) => podMeasurement(claims, one.salt).digest === one.measurement.digest;
      let index = pods.findIndex(isOwn);
      if (index === -1) {
        const salt = bytesToHex(random.bytes(16)).slice(2);
        index = pods.push({ salt, measurement: podMeasurement(claims, salt) }) - 1;
      }
      return {
        ...{ kind: "none", claims, quote: "", signature: "", certificates: [] },
        measurements: [...base, ...pods.map(({ measurement }) => measurement)],
        pod: { index: base.length + index, salt: pods[index]?.salt ?? "" },
      };
    },
  };
}
