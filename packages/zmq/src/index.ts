/** ZMTP 3.1 over TCP and Unix sockets: DEALER connectors and ROUTER listeners that any ZeroMQ peer can talk to, with NULL or CURVE. */
export type { Connection, ConnectionEvents, Peer } from "./connection.ts";
export { type Connector, type ConnectorOptions, createConnector } from "./connector.ts";
export { type CurveKeyPair, createCurveKeyPair, curveKeyPairOf, encodeHex, parseCurveKey } from "./curve-key.ts";
export type { AuthorizeKey } from "./curve-server.ts";
export { createDatagramBox, type DatagramBox, type OpenedDatagram } from "./datagram-box.ts";
export type { EndpointOptions } from "./endpoint-options.ts";
export { ZmqError, type ZmqErrorCode } from "./errors.ts";
export type { PacketWriter } from "./frame-writer.ts";
export { createKeySeal, createSealKey, KEY_SEAL_OVERHEAD_BYTES, type KeySealOptions } from "./key-seal.ts";
export type { ZmqLimits, ZmqTiming } from "./limits.ts";
export { createListener, type Listener, type ListenerOptions } from "./listener.ts";
export type { Metadata } from "./metadata.ts";
export type { OutboundSource } from "./outbound.ts";
export type { Frames, SendResult } from "./outbox.ts";
export {
  allowKeys,
  type ConnectorSecurity,
  type CurveConnectorSecurity,
  type CurveListenerSecurity,
  type ListenerSecurity,
  type NullSecurity,
} from "./security.ts";
export type { ZmqSystem } from "./system.ts";
export { createCurveKeys, readCurveKeys } from "./system-curve-keys.ts";
export { readSealKeys } from "./system-seal-keys.ts";
export { decodeZ85, encodeZ85 } from "./z85.ts";
export {
  addressWithKey,
  type CurveOptions,
  createIpcTransport,
  createZmqTransport,
  type KnownPeer,
  type ZmqTransportOptions,
} from "./zmq-transport.ts";
