import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type Clock, OrreryError } from "@orrery/core";
import { NONCE_MS, USED_NONCES_MAX } from "./limits.ts";

/** Nonces that are good once and for a minute. Those that were given out are not remembered, so that whoever asks for many takes no room of others. */
export interface Nonces {
  make(): string;
  /** Why a nonce is not good; undefined where it is. */
  whyNot(nonce: string): string | undefined;
  /** Has it be good no more. @throws OrreryError `resource_exhausted` where too many were used within a minute */
  use(nonce: string): void;
}

const RANDOM_BYTES = 16;

/** Makes them. They end with this process. */
export function createNonces({ clock }: { readonly clock: Pick<Clock, "monotonic"> }): Nonces {
  const key = randomBytes(32);
  const used = new Map<string, number>();
  const seal = (body: string) => createHmac("sha256", key).update(body).digest("hex").slice(0, 32);
  const madeAt = (nonce: string) => Number.parseInt(nonce.slice(0, 14), 16);
  return {
    make: () => {
      const body = `${Math.floor(clock.monotonic()).toString(16).padStart(14, "0")}${randomBytes(RANDOM_BYTES).toString("hex")}`;
      return `${body}${seal(body)}`;
    },
    whyNot: (nonce) => {
      const body = nonce.slice(0, -32);
      const isOwn =
        /^[0-9a-f]{78}$/.test(nonce) && timingSafeEqual(Buffer.from(seal(body)), Buffer.from(nonce.slice(-32)));
      if (!isOwn) return "it is none of this service's, or of before it started";
      if (used.has(nonce)) return "it was used before";
      return clock.monotonic() - madeAt(nonce) > NONCE_MS ? `it is older than ${NONCE_MS / 1_000} s` : undefined;
    },
    use: (nonce) => {
      for (const [old, at] of used) {
        if (clock.monotonic() - at <= NONCE_MS) break;
        used.delete(old);
      }
      if (used.size >= USED_NONCES_MAX)
        throw new OrreryError("resource_exhausted", "Cannot take more nonces within a minute: try again later");
      used.set(nonce, madeAt(nonce));
    },
  };
}
