import { readErrorReason } from "./command.ts";
import { PeerFault } from "./errors.ts";

/** Reason codes of ZAP (RFC 27) that concern who the peer is. */
const IDENTITY_REASONS = new Set(["300", "400"]);

/** Makes the fault for an ERROR command that the peer sent instead of going on. `data` is what follows its name. */
export function refusalOf(data: Uint8Array): PeerFault {
  const reason = readErrorReason(data);
  if (IDENTITY_REASONS.has(reason)) {
    return new PeerFault("unauthenticated", `it refused with "${reason}", this side's public key is not allowed there`);
  }
  return new PeerFault("handshake_failed", `it refused with "${reason}"`);
}
