import fc from "fast-check";
import {
  createEnvelope,
  type Envelope,
  type FlowRef,
  type Head,
  type Horizon,
  Kind,
  type TraceRef,
  type WireFailure,
} from "../envelope.ts";
import { CALL_DEPTH_MAX } from "../limits.ts";

/** Monotonic time at which arbitrary envelopes are written and read, in ms. */
export const NOW_MS = 1000;

/** A record as code writes one: with the usual prototype. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });

const text = fc.oneof(
  fc.constant(""),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ minLength: 100, maxLength: 200 }),
);
const uint32 = fc.oneof(fc.nat({ max: 3 }), fc.integer({ min: 0, max: 0xffffffff }));
const uint53 = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat());
/** Budgets and the like: whole µs, so that ms as fractions are exact enough to come back. */
const micros = fc.oneof(fc.integer({ min: 1, max: 10_000_000 }), fc.integer({ min: 1, max: 2 ** 40 }));
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const fingerprint = fc.option(
  fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((value) => value.toString(16).padStart(16, "0")),
  { nil: "" },
);

const horizon: fc.Arbitrary<Horizon> = record({
  scope: fc.constantFrom("any", "process", "host", "network"),
  beyond: fc.constantFrom("bounce", "drop", "local"),
  distanceMs: fc.oneof(
    fc.constant(0),
    micros.map((us) => us / 1000),
  ),
  hops: uint32,
});

const head: fc.Arbitrary<Head> = record({
  component: text,
  method: text,
  version: text,
  fingerprint,
  mode: fc.constantFrom("sync", "async", "stream", "broadcast"),
  contentType: text,
  instance: text,
  source: record({ node: text, instance: text, incarnation: uint53 }),
  agent: text,
  horizon: fc.option(horizon, { nil: undefined }),
  resource: text,
});

const flow: fc.Arbitrary<FlowRef> = record({ id: uint53, node: text, name: text, parentId: uint53 });
const trace: fc.Arbitrary<TraceRef> = record({ traceId: bytes(16), spanId: bytes(8), flags: uint32, state: text });
const failure: fc.Arbitrary<WireFailure> = record({
  kind: fc.constantFrom("error", "timeout", "bounced", "unreachable", "cancelled", "defect"),
  code: text,
  reason: text,
  message: text,
  definite: fc.boolean(),
  where: text,
  details: text,
});

const extras = fc.record(
  {
    deadlineMs: micros.map((us) => NOW_MS + us / 1000),
    bytes: fc.oneof(bytes(300), fc.integer({ min: 8185, max: 8200 }).map(filled)),
    failure,
    credit: uint32,
    idleMs: micros.map((us) => us / 1000),
    path: fc.array(text, { maxLength: CALL_DEPTH_MAX }),
    flow,
    trace,
    attempt: uint32,
    idempotencyKey: text,
    shardKey: text,
    orderKey: fc.uint8Array({ minLength: 1, maxLength: 20 }),
    wire: uint32,
    seal: record({ name: text, node: text, incarnation: uint53, id: uint53 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** Envelopes of every kind with any of the fields, whose heads come from a few, so that connections reuse routes. */
export function arbitraryEnvelopes(): fc.Arbitrary<Envelope[]> {
  return fc.array(head, { minLength: 1, maxLength: 4 }).chain((heads) => {
    const kind = fc.constantFrom(...Object.values(Kind));
    const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    const maybeHead = fc.option(fc.constantFrom(...heads), { nil: undefined });
    const one = fc
      .tuple(kind, id, maybeHead, extras)
      .map((parts) => Object.assign(createEnvelope(parts[0], parts[1], parts[2]), parts[3]));
    return fc.array(one, { minLength: 1, maxLength: 6 });
  });
}

/** Bytes that tell their position. */
export function filled(size: number): Uint8Array<ArrayBuffer> {
  const filled = new Uint8Array(size);
  for (let index = 0; index < size; index++) filled[index] = index * 31 + (index >> 8);
  return filled;
}
