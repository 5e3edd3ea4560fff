import type { Envelope, FlowRef, Head, Horizon, SealMark, TraceRef, WireFailure } from "../envelope.ts";
import type { ByteWriter } from "../protobuf/byte-writer.ts";
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
import type { SentRoutes } from "./routes.ts";

/** Writes everything of an envelope but its body and the fields of newer peers, which come last. `nowMs` is the monotonic time. */
export function encodeEnvelopeHead(writer: ByteWriter, envelope: Envelope, routes: SentRoutes, nowMs: number): void {
  writer.byte(ENVELOPE.id);
  writer.uint53(envelope.id);
  if (envelope.kind !== 0) {
    writer.byte(ENVELOPE.kind);
    writer.byte(envelope.kind);
  }
  if (envelope.head !== undefined) writeRoute(writer, envelope.head, routes);
  if (envelope.deadlineMs !== 0)
    writeNumber(writer, ENVELOPE.budgetUs, Math.max(1, Math.round((envelope.deadlineMs - nowMs) * 1000)));
  if (envelope.flow !== undefined) writeFlow(writer, envelope.flow);
  for (const instance of envelope.path) writeText(writer, ENVELOPE.path, instance, true);
  if (envelope.attempt !== 0) writeNumber(writer, ENVELOPE.attempt, envelope.attempt);
  if (envelope.idempotencyKey !== "") writeText(writer, ENVELOPE.idempotencyKey, envelope.idempotencyKey);
  if (envelope.orderKey !== undefined) writeBytes(writer, ENVELOPE.orderKey, envelope.orderKey);
  if (envelope.trace !== undefined) writeTrace(writer, envelope.trace);
  if (envelope.failure !== undefined) writeFailure(writer, envelope.failure);
  if (envelope.credit !== 0) writeNumber(writer, ENVELOPE.credit, envelope.credit);
  if (envelope.idleMs !== 0) writeNumber(writer, ENVELOPE.idleUs, Math.max(1, Math.round(envelope.idleMs * 1000)));
  if (envelope.shardKey !== "") writeText(writer, ENVELOPE.shardKey, envelope.shardKey);
  if (envelope.wire !== 0) {
    writer.uint32(ENVELOPE.wire);
    writer.uint32(envelope.wire);
  }
  if (envelope.seal !== undefined) writeSeal(writer, envelope.seal);
}

/** Writes the body, and what a newer peer added. */
export function encodeEnvelopeTail(writer: ByteWriter, envelope: Envelope): void {
  const { bytes, unknown } = envelope;
  if (bytes !== undefined && bytes.length > 0) {
    writer.uint32(ENVELOPE.body);
    writer.data(bytes);
  }
  if (unknown !== undefined) writer.raw(unknown);
}

/** Writes a head as a message of its own, without tag or length. */
export function encodeHead(writer: ByteWriter, head: Head): void {
  writeText(writer, HEAD.component, head.component);
  writeText(writer, HEAD.method, head.method);
  writeText(writer, HEAD.version, head.version);
  if (head.fingerprint !== "") {
    writer.byte(HEAD.fingerprint);
    writer.fixed64(BigInt(`0x${head.fingerprint}`));
  }
  writeNumber(writer, HEAD.mode, MODES.indexOf(head.mode));
  writeText(writer, HEAD.contentType, head.contentType);
  writeText(writer, HEAD.instance, head.instance);
  writer.byte(HEAD.source);
  const source = writer.begin();
  writeText(writer, SOURCE.node, head.source.node);
  writeText(writer, SOURCE.instance, head.source.instance);
  writeNumber(writer, SOURCE.incarnation, head.source.incarnation);
  writer.end(source);
  writeText(writer, HEAD.agent, head.agent);
  if (head.horizon !== undefined) writeHorizon(writer, head.horizon);
  writeText(writer, HEAD.resource, head.resource);
}

function writeRoute(writer: ByteWriter, head: Head, routes: SentRoutes): void {
  const route = routes.number(head);
  if (route > 0) writeNumber(writer, ENVELOPE.route, route);
  if (route > 0 && !routes.declare(route)) return;
  writer.byte(ENVELOPE.head);
  const start = writer.begin();
  encodeHead(writer, head);
  writer.end(start);
}

function writeHorizon(writer: ByteWriter, horizon: Horizon): void {
  writer.byte(HEAD.horizon);
  const start = writer.begin();
  writeNumber(writer, HORIZON.scope, SCOPES.indexOf(horizon.scope));
  writeNumber(writer, HORIZON.beyond, BEYONDS.indexOf(horizon.beyond));
  writeNumber(writer, HORIZON.distanceUs, Math.round(horizon.distanceMs * 1000));
  writeNumber(writer, HORIZON.hops, horizon.hops);
  writer.end(start);
}

function writeFlow(writer: ByteWriter, flow: FlowRef): void {
  writer.byte(ENVELOPE.flow);
  const start = writer.begin();
  writeNumber(writer, FLOW.id, flow.id);
  writeText(writer, FLOW.node, flow.node);
  writeText(writer, FLOW.name, flow.name);
  writeNumber(writer, FLOW.parentId, flow.parentId);
  writer.end(start);
}

function writeTrace(writer: ByteWriter, trace: TraceRef): void {
  writer.byte(ENVELOPE.trace);
  const start = writer.begin();
  writeBytes(writer, TRACE.traceId, trace.traceId);
  writeBytes(writer, TRACE.spanId, trace.spanId);
  writeNumber(writer, TRACE.flags, trace.flags);
  writeText(writer, TRACE.state, trace.state);
  writer.end(start);
}

function writeSeal(writer: ByteWriter, seal: SealMark): void {
  writer.uint32(ENVELOPE.seal);
  const start = writer.begin();
  writeText(writer, SEAL.name, seal.name);
  writeText(writer, SEAL.node, seal.node);
  writeNumber(writer, SEAL.incarnation, seal.incarnation);
  writeNumber(writer, SEAL.id, seal.id);
  writer.end(start);
}

function writeFailure(writer: ByteWriter, failure: WireFailure): void {
  writer.byte(ENVELOPE.failure);
  const start = writer.begin();
  encodeFailure(writer, failure);
  writer.end(start);
}

/** Writes a failure as a message of its own, without tag or length. */
export function encodeFailure(writer: ByteWriter, failure: WireFailure): void {
  writeNumber(writer, FAILURE.outcome, OUTCOMES.indexOf(failure.kind));
  writeText(writer, FAILURE.code, failure.code);
  writeText(writer, FAILURE.reason, failure.reason);
  writeText(writer, FAILURE.message, failure.message);
  writeNumber(writer, FAILURE.definite, failure.definite ? 1 : 0);
  writeText(writer, FAILURE.where, failure.where);
  writeText(writer, FAILURE.details, failure.details);
}

function writeNumber(writer: ByteWriter, tag: number, value: number): void {
  if (value === 0) return;
  writer.byte(tag);
  writer.uint53(value);
}

function writeText(writer: ByteWriter, tag: number, value: string, always = false): void {
  if (value === "" && !always) return;
  writer.byte(tag);
  writer.text(value);
}

function writeBytes(writer: ByteWriter, tag: number, value: Uint8Array): void {
  if (value.length === 0) return;
  writer.byte(tag);
  writer.data(value);
}
