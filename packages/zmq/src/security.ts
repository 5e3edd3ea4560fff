import { createCurveClient } from "./curve-client.ts";
import { assertCurveKeyPair, assertKeyBytes, type CurveKeyPair, encodeHex } from "./curve-key.ts";
import { type AuthorizeKey, createCurveServer } from "./curve-server.ts";
import type { Mechanism, MechanismOptions } from "./mechanism.ts";
import { createNullMechanism } from "./null-mechanism.ts";
import type { ZmqSystem } from "./system.ts";

/** No encryption, and anybody who reaches the port is let in: for one host or a network that is trusted. */
export interface NullSecurity {
  readonly kind: "null";
}

/** CURVE for a listener: its own keys, and whom it lets in. */
export interface CurveListenerSecurity {
  readonly kind: "curve";
  readonly keyPair: CurveKeyPair;
  /** Decides on a client's public key; `allowKeys` makes one from a list. */
  readonly authorize: AuthorizeKey;
}

/** CURVE for a connector: its own keys, and the public key that the server must prove to own. */
export interface CurveConnectorSecurity {
  readonly kind: "curve";
  readonly keyPair: CurveKeyPair;
  readonly serverKey: Uint8Array;
}

/** How a listener protects its connections. */
export type ListenerSecurity = NullSecurity | CurveListenerSecurity;

/** How a connector protects its connection. */
export type ConnectorSecurity = NullSecurity | CurveConnectorSecurity;

/** Makes the mechanism of one more connection. */
export type MechanismFactory = (options: MechanismOptions) => Mechanism;

/**
 * Makes an `authorize` out of a list: a client with one of the keys is let in and its entry becomes `peer.info`, every
 * other client is refused.
 */
export function allowKeys<Entry extends { readonly publicKey: Uint8Array }>(entries: Iterable<Entry>): AuthorizeKey {
  const byKey = new Map([...entries].map((entry) => [encodeHex(entry.publicKey), entry]));
  return (publicKey) => byKey.get(encodeHex(publicKey));
}

/**
 * Checks a listener's security once and gives what makes its mechanisms.
 * @throws ZmqError `invalid_argument` for keys that cannot be.
 */
export function listenerMechanism(security: ListenerSecurity, system: ZmqSystem): MechanismFactory {
  if (security.kind === "null") return createNullMechanism;
  assertCurveKeyPair(security.keyPair);
  const { keyPair, authorize } = security;
  return (options) => createCurveServer({ ...options, keyPair, authorize, system });
}

/**
 * Checks a connector's security once and gives what makes its mechanisms.
 * @throws ZmqError `invalid_argument` for keys that cannot be.
 */
export function connectorMechanism(security: ConnectorSecurity, system: ZmqSystem): MechanismFactory {
  if (security.kind === "null") return createNullMechanism;
  assertCurveKeyPair(security.keyPair);
  assertKeyBytes("curve server key", security.serverKey);
  const { keyPair, serverKey } = security;
  return (options) => createCurveClient({ ...options, keyPair, serverKey, system });
}
