import { X509Certificate } from "node:crypto";
import { RENEW_AFTER } from "./limits.ts";

/** A certificate with its key, both as PEM. */
export interface Certificate {
  /** With those between it and the root. */
  readonly chain: string;
  readonly key: string;
}

/** From when until when a certificate is good, in ms since 1970. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Reads it of the first certificate of a chain. @throws Error for what is none */
export function validityOf({ chain }: Pick<Certificate, "chain">): Validity {
  const { validFrom, validTo } = new X509Certificate(chain);
  return { fromMs: Date.parse(validFrom), untilMs: Date.parse(validTo) };
}

/** From when on a certificate is to be renewed. */
export function renewalOf({ fromMs, untilMs }: Validity): number {
  return fromMs + (untilMs - fromMs) * RENEW_AFTER;
}
