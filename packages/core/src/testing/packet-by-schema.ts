import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Envelope, Head } from "../envelope.ts";
import { EnvelopeSchema, PacketSchema } from "../gen/orrery/wire/v1/envelope_pb.ts";
import { isControl, type Message } from "../transport.ts";

const MODES = ["sync", "async", "stream", "broadcast"];
const SCOPES = ["any", "process", "host", "network"];
const OUTCOMES = ["error", "timeout", "bounced", "unreachable", "cancelled", "defect"];

/** Writes packets from the schema alone, by protobuf-es: the judge of what the hand-written codec writes. */
export interface SchemaPacketWriter {
  packet(messages: readonly Message[], nowMs: number): Uint8Array;
}

/** Makes a writer for one direction of one connection that may give `routesMax` heads a number. */
export function createSchemaPacketWriter(routesMax: number): SchemaPacketWriter {
  const numbers = new Map<Head, number>();
  const routeOf = (head: Head | undefined): object => {
    if (head === undefined) return {};
    const known = numbers.get(head);
    if (known !== undefined) return { route: known };
    if (numbers.size >= routesMax) return { head: headMessage(head) };
    numbers.set(head, numbers.size + 1);
    return { route: numbers.size, head: headMessage(head) };
  };
  return {
    packet(messages, nowMs) {
      const envelopes = messages
        .filter((message): message is Envelope => !isControl(message))
        .map((envelope) => ({ ...envelopeMessage(envelope, nowMs), ...routeOf(envelope.head) }))
        .map((init) => create(EnvelopeSchema, init as MessageInitShape<typeof EnvelopeSchema>));
      const control = messages.filter((message) => isControl(message)).map((frame) => frame.bytes);
      return toBinary(PacketSchema, create(PacketSchema, { control, envelopes }));
    },
  };
}

function headMessage(head: Head): object {
  const { horizon } = head;
  return {
    ...head,
    fingerprint: head.fingerprint === "" ? 0n : BigInt(`0x${head.fingerprint}`),
    mode: MODES.indexOf(head.mode),
    source: { ...head.source, incarnation: BigInt(head.source.incarnation) },
    horizon:
      horizon === undefined
        ? undefined
        : {
            scope: SCOPES.indexOf(horizon.scope),
            beyond: ["bounce", "drop", "local"].indexOf(horizon.beyond),
            distanceUs: BigInt(Math.round(horizon.distanceMs * 1000)),
            hops: horizon.hops,
          },
  };
}

function envelopeMessage(envelope: Envelope, nowMs: number): object {
  const { flow, trace, failure, seal } = envelope;
  return {
    id: BigInt(envelope.id),
    kind: envelope.kind as number,
    budgetUs: envelope.deadlineMs === 0 ? 0n : BigInt(Math.round((envelope.deadlineMs - nowMs) * 1000)),
    flow: flow === undefined ? undefined : { ...flow, id: BigInt(flow.id), parentId: BigInt(flow.parentId) },
    path: [...envelope.path],
    attempt: envelope.attempt,
    idempotencyKey: envelope.idempotencyKey,
    orderKey: envelope.orderKey ?? new Uint8Array(0),
    trace,
    failure: failure === undefined ? undefined : { ...failure, outcome: OUTCOMES.indexOf(failure.kind) },
    credit: envelope.credit,
    idleUs: BigInt(Math.round(envelope.idleMs * 1000)),
    shardKey: envelope.shardKey,
    wire: envelope.wire,
    seal: seal && { ...seal, incarnation: BigInt(seal.incarnation), id: BigInt(seal.id) },
    body: envelope.bytes ?? new Uint8Array(0),
  };
}
