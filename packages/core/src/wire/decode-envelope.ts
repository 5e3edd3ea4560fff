import {
  createEnvelope,
  type Envelope,
  type FlowRef,
  type Head,
  type Horizon,
  Kind,
  type SealMark,
  type Source,
  type TraceRef,
  type WireFailure,
} from "../envelope.ts";
import { CALL_DEPTH_MAX, HEAD_BYTES_MAX, UNKNOWN_BYTES_MAX } from "../limits.ts";
import type { ByteReader } from "../protobuf/byte-reader.ts";
import { type ByteWriter, createByteWriter } from "../protobuf/byte-writer.ts";
import {
  BEYONDS,
  ENVELOPE,
  FAILURE,
  FLOW,
  HEAD,
  HORIZON,
  MODES,
  OUTCOMES,
  SCOPES,
  SEAL,
  SOURCE,
  TRACE,
} from "./fields.ts";
import type { ReceivedRoutes } from "./routes.ts";

const KIND_MAX = Kind.broadcast;
const NOBODY: Source = Object.freeze({ node: "", instance: "", incarnation: 0 });

/**
 * Reads an envelope that lies between the reader's position and `end`. `nowMs` is the monotonic time, to which the budget is added.
 * Gives nothing for a kind of a newer peer. Bodies are views of what is read.
 * @throws Error saying what is wrong, for bytes that are no envelope.
 */
export function decodeEnvelope(
  reader: ByteReader,
  end: number,
  routes: ReceivedRoutes,
  nowMs: number,
): Envelope | undefined {
  const fields: Fields = createEnvelope(Kind.request, 0);
  let route = 0;
  let kind = 0;
  let unknown: ByteWriter | undefined;
  while (reader.position < end) {
    const start = reader.position;
    const tag = reader.tag();
    switch (tag) {
      case ENVELOPE.id:
        fields.id = reader.uint53();
        break;
      case ENVELOPE.kind:
        kind = reader.uint32();
        break;
      case ENVELOPE.route:
        route = reader.uint32();
        break;
      case ENVELOPE.body:
        fields.bytes = view(reader);
        break;
      case ENVELOPE.budgetUs:
        fields.deadlineMs = nowMs + reader.uint53() / 1000;
        break;
      default:
        if (!readRareField(reader, tag, fields)) unknown = keepUnknown(reader, tag, start, unknown);
    }
  }
  assertEnd(reader, end, "envelope");
  if (unknown !== undefined) fields.unknown = unknown.finish();
  if (route !== 0) resolveRoute(reader, route, fields, routes); // Also for a kind that is dropped: others may use the route.
  if (kind > KIND_MAX) return undefined;
  fields.kind = kind as Kind;
  if (fields.bytes === undefined) fields.bytes = NOTHING;
  return fields;
}

const NOTHING = new Uint8Array(0);

type Fields = { -readonly [K in keyof Envelope]: Envelope[K] };

/** Reads a field that few envelopes have; false when there is no such field. */
function readRareField(reader: ByteReader, tag: number, fields: Fields): boolean {
  switch (tag) {
    case ENVELOPE.head:
      fields.head = readHead(reader);
      break;
    case ENVELOPE.flow:
      fields.flow = readFlow(reader);
      break;
    case ENVELOPE.path:
      if (fields.path.length >= CALL_DEPTH_MAX) reader.fail(`path of more than ${CALL_DEPTH_MAX} instances`);
      fields.path = [...fields.path, reader.text()];
      break;
    case ENVELOPE.attempt:
      fields.attempt = reader.uint32();
      break;
    case ENVELOPE.idempotencyKey:
      fields.idempotencyKey = reader.text();
      break;
    case ENVELOPE.orderKey:
      fields.orderKey = reader.data();
      break;
    case ENVELOPE.trace:
      fields.trace = readTrace(reader);
      break;
    case ENVELOPE.failure:
      fields.failure = decodeFailure(reader, reader.end());
      break;
    case ENVELOPE.credit:
      fields.credit = reader.uint32();
      break;
    case ENVELOPE.idleUs:
      fields.idleMs = reader.uint53() / 1000;
      break;
    case ENVELOPE.shardKey:
      fields.shardKey = reader.text();
      break;
    case ENVELOPE.wire:
      fields.wire = reader.uint32();
      break;
    case ENVELOPE.seal:
      fields.seal = readSeal(reader);
      break;
    default:
      return false;
  }
  return true;
}

/** Keeps a field of a newer peer as it came. One writer for all of an envelope: a hostile one may have thousands. */
function keepUnknown(reader: ByteReader, tag: number, start: number, kept: ByteWriter | undefined): ByteWriter {
  reader.skip(tag, 1);
  const writer = kept ?? createByteWriter();
  if (writer.position + reader.position - start > UNKNOWN_BYTES_MAX)
    reader.fail(`unknown fields of more than ${UNKNOWN_BYTES_MAX} bytes`);
  writer.raw(reader.bytes.subarray(start, reader.position));
  return writer;
}

function assertEnd(reader: ByteReader, end: number, what: string): void {
  if (reader.position !== end) reader.fail(`${what} runs over its end`);
}

function resolveRoute(reader: ByteReader, route: number, fields: Fields, routes: ReceivedRoutes): void {
  if (fields.head === undefined) fields.head = routes.get(route);
  else if (!routes.set(route, fields.head)) reader.fail(`route ${route} is beyond the limit`);
}

function readHead(reader: ByteReader): Head {
  const head: { -readonly [K in keyof Head]: Head[K] } = {
    component: "",
    method: "",
    version: "",
    fingerprint: "",
    mode: "sync",
    contentType: "",
    instance: "",
    source: NOBODY,
    agent: "",
    horizon: undefined,
    resource: "",
  };
  const start = reader.position;
  const end = reader.end();
  if (end - start > HEAD_BYTES_MAX) reader.fail(`head of more than ${HEAD_BYTES_MAX} bytes`);
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case HEAD.component:
        head.component = reader.text();
        break;
      case HEAD.method:
        head.method = reader.text();
        break;
      case HEAD.version:
        head.version = reader.text();
        break;
      case HEAD.fingerprint:
        head.fingerprint = fingerprintText(reader.fixed64());
        break;
      case HEAD.mode:
        head.mode = MODES[reader.uint32()] ?? "sync";
        break;
      case HEAD.contentType:
        head.contentType = reader.text();
        break;
      case HEAD.instance:
        head.instance = reader.text();
        break;
      case HEAD.source:
        head.source = readSource(reader);
        break;
      case HEAD.agent:
        head.agent = reader.text();
        break;
      case HEAD.horizon:
        head.horizon = readHorizon(reader);
        break;
      case HEAD.resource:
        head.resource = reader.text();
        break;
      default:
        reader.skip(tag, 2);
    }
  }
  assertEnd(reader, end, "head");
  return head;
}

function fingerprintText(value: bigint): string {
  return value === 0n ? "" : value.toString(16).padStart(16, "0");
}

function readSource(reader: ByteReader): Source {
  const source = { node: "", instance: "", incarnation: 0 };
  const end = reader.end();
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === SOURCE.node) source.node = reader.text();
    else if (tag === SOURCE.instance) source.instance = reader.text();
    else if (tag === SOURCE.incarnation) source.incarnation = reader.uint53();
    else reader.skip(tag, 3);
  }
  assertEnd(reader, end, "source");
  return source;
}

function readHorizon(reader: ByteReader): Horizon {
  const horizon: { -readonly [K in keyof Horizon]: Horizon[K] } = {
    scope: "any",
    beyond: "bounce",
    distanceMs: 0,
    hops: 0,
  };
  const end = reader.end();
  while (reader.position < end) {
    const tag = reader.tag();
    // A scope of a newer peer is taken for the nearest one: never farther than its sender meant.
    if (tag === HORIZON.scope) horizon.scope = SCOPES[reader.uint32()] ?? "process";
    else if (tag === HORIZON.beyond) horizon.beyond = BEYONDS[reader.uint32()] ?? "bounce";
    else if (tag === HORIZON.distanceUs) horizon.distanceMs = reader.uint53() / 1000;
    else if (tag === HORIZON.hops) horizon.hops = reader.uint32();
    else reader.skip(tag, 3);
  }
  assertEnd(reader, end, "horizon");
  return horizon;
}

function readFlow(reader: ByteReader): FlowRef {
  const flow = { id: 0, node: "", name: "", parentId: 0 };
  const end = reader.end();
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === FLOW.id) flow.id = reader.uint53();
    else if (tag === FLOW.node) flow.node = reader.text();
    else if (tag === FLOW.name) flow.name = reader.text();
    else if (tag === FLOW.parentId) flow.parentId = reader.uint53();
    else reader.skip(tag, 2);
  }
  assertEnd(reader, end, "flow");
  return flow;
}

function readTrace(reader: ByteReader): TraceRef {
  const trace: { -readonly [K in keyof TraceRef]: TraceRef[K] } = {
    traceId: NOTHING,
    spanId: NOTHING,
    flags: 0,
    state: "",
  };
  const end = reader.end();
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === TRACE.traceId) trace.traceId = reader.data();
    else if (tag === TRACE.spanId) trace.spanId = reader.data();
    else if (tag === TRACE.flags) trace.flags = reader.uint32();
    else if (tag === TRACE.state) trace.state = reader.text();
    else reader.skip(tag, 2);
  }
  assertEnd(reader, end, "trace");
  return trace;
}

function readSeal(reader: ByteReader): SealMark {
  const seal = { name: "", node: "", incarnation: 0, id: 0 };
  const end = reader.end();
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === SEAL.name) seal.name = reader.text();
    else if (tag === SEAL.node) seal.node = reader.text();
    else if (tag === SEAL.incarnation) seal.incarnation = reader.uint53();
    else if (tag === SEAL.id) seal.id = reader.uint53();
    else reader.skip(tag, 2);
  }
  assertEnd(reader, end, "seal");
  return seal;
}

/** Reads a failure that lies between the reader's position and `end`. @throws Error saying what is wrong. */
export function decodeFailure(reader: ByteReader, end: number): WireFailure {
  const failure: { -readonly [K in keyof WireFailure]: WireFailure[K] } = {
    kind: "error",
    code: "",
    reason: "",
    message: "",
    definite: false,
    where: "",
    details: "",
  };
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === FAILURE.outcome) failure.kind = OUTCOMES[reader.uint32()] ?? "defect";
    else if (tag === FAILURE.code) failure.code = reader.text();
    else if (tag === FAILURE.reason) failure.reason = reader.text();
    else if (tag === FAILURE.message) failure.message = reader.text();
    else if (tag === FAILURE.definite) failure.definite = reader.bool();
    else if (tag === FAILURE.where) failure.where = reader.text();
    else if (tag === FAILURE.details) failure.details = reader.text();
    else reader.skip(tag, 2);
  }
  assertEnd(reader, end, "failure");
  return failure;
}

function view(reader: ByteReader): Uint8Array {
  const size = reader.uint32();
  const start = reader.take(size);
  return new Uint8Array(reader.bytes.buffer as ArrayBuffer, reader.bytes.byteOffset + start, size);
}
