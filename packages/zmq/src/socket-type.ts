import { PeerFault } from "./errors.ts";
import { IDENTITY_BYTES_MAX } from "./limits.ts";
import type { Metadata } from "./metadata.ts";

/** What this engine presents itself as: a listener is a ROUTER, a connector a DEALER. */
export type OwnSocketType = "ROUTER" | "DEALER";

const ACCEPTED: Readonly<Record<OwnSocketType, readonly string[]>> = {
  ROUTER: ["DEALER", "ROUTER", "REQ"],
  DEALER: ["ROUTER", "DEALER", "REP"],
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The two properties that every ZeroMQ peer announces. */
export interface Announcement {
  readonly socketType: string;
  readonly identity: Uint8Array;
}

/** Makes the metadata that this side sends: its type, its identity, and the application's properties in `extra`. */
export function announce(
  own: { readonly type: OwnSocketType; readonly identity: Uint8Array },
  extra: Metadata,
): Metadata {
  return new Map([["Socket-Type", encoder.encode(own.type)], ["Identity", own.identity], ...extra]);
}

/**
 * Reads and checks what the peer announced.
 * @throws PeerFault `handshake_failed` when its type cannot talk to `ownType`, by the table of RFC 28.
 */
export function readAnnouncement(ownType: OwnSocketType, metadata: Metadata): Announcement {
  const socketType = decoder.decode(metadata.get("socket-type")?.subarray(0, 20));
  const accepted = ACCEPTED[ownType];
  if (!accepted.includes(socketType)) {
    const name = /^[A-Z]+$/.test(socketType) ? `"${socketType}"` : "not given";
    const why = `its socket type is ${name}, it must be one of ${accepted.join(", ")}`;
    throw new PeerFault("handshake_failed", why, "Invalid socket type");
  }
  const identity = metadata.get("identity") ?? new Uint8Array(0);
  if (identity.length > IDENTITY_BYTES_MAX) {
    throw new PeerFault("handshake_failed", `its identity has ${identity.length} bytes, at most 255 are allowed`);
  }
  return { socketType, identity };
}
