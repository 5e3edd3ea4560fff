import { stableText } from "@orrery/mesh/internal";
import { sha256, stringToBytes } from "viem";
import type { Digest } from "../lease/terms.ts";
import type { AttestPolicy } from "./evidence.ts";

const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{1,16000})-----END CERTIFICATE-----/;

/** Names a policy by what it takes: the `policy` of terms. Order, and how a file writes it, do not count. */
export function policyDigest({ kinds, issuers, base, maxAgeS }: AttestPolicy): Digest {
  const said = {
    kinds: [...new Set(kinds)].sort(),
    issuers: issuers.map(({ certificate, certifies }) => `${certifies} ${bodyOf(certificate) ?? certificate}`).sort(),
    base: Object.fromEntries(Object.entries(base).map(([name, digests]) => [name, [...new Set(digests)].sort()])),
    maxAgeS,
  };
  return sha256(stringToBytes(stableText(said)));
}

/** What of a PEM text is the certificate; undefined where there is none. */
export function bodyOf(certificate: string): string | undefined {
  return PEM.exec(certificate)?.[1]?.replace(/\s/g, "");
}
