// Tags of `proto/orrery/wire/v1/envelope.proto`: field number times 8, plus wire type (0 varint, 1 eight bytes, 2 with length).
// A test compares what is written with them to what protobuf-es writes from the schema.

/** Tags of Packet. */
export const PACKET = { control: 10, envelope: 18 } as const;

/** Tags of Envelope. */
export const ENVELOPE = {
  id: 8,
  kind: 16,
  route: 24,
  head: 34,
  budgetUs: 40,
  flow: 50,
  path: 58,
  attempt: 64,
  idempotencyKey: 74,
  orderKey: 82,
  trace: 90,
  failure: 98,
  credit: 104,
  idleUs: 112,
  shardKey: 122,
  wire: 128,
  seal: 138,
  body: 162,
} as const;

/** Tags of Head. */
export const HEAD = {
  component: 10,
  method: 18,
  version: 26,
  fingerprint: 33,
  mode: 40,
  contentType: 50,
  instance: 58,
  source: 66,
  agent: 74,
  horizon: 82,
  resource: 90,
} as const;

/** Tags of Source. */
export const SOURCE = { node: 10, instance: 18, incarnation: 24 } as const;

/** Tags of Horizon. */
export const HORIZON = { scope: 8, beyond: 16, distanceUs: 24, hops: 32 } as const;

/** Tags of Flow. */
export const FLOW = { id: 8, node: 18, name: 26, parentId: 32 } as const;

/** Tags of Trace. */
export const TRACE = { traceId: 10, spanId: 18, flags: 24, state: 34 } as const;

/** Tags of Seal. */
export const SEAL = { name: 10, node: 18, incarnation: 24, id: 32 } as const;

/** Tags of Failure. */
export const FAILURE = { outcome: 8, code: 18, reason: 26, message: 34, definite: 40, where: 50, details: 58 } as const;

/** Modes in the order of their numbers. */
export const MODES = ["sync", "async", "stream", "broadcast"] as const;

/** Horizon scopes in the order of their numbers. */
export const SCOPES = ["any", "process", "host", "network"] as const;

/** What happens beyond a horizon, in the order of their numbers. */
export const BEYONDS = ["bounce", "drop", "local"] as const;

/** Outcomes in the order of their numbers. */
export const OUTCOMES = ["error", "timeout", "bounced", "unreachable", "cancelled", "defect"] as const;
