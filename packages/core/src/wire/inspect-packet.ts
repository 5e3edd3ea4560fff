import { fromBinary } from "@bufbuild/protobuf";
import { Kind, kindText } from "../envelope.ts";
import { type Envelope, type Head, PacketSchema } from "../gen/orrery/wire/v1/envelope_pb.ts";
import { INSPECTED_OPEN_MAX, ROUTES_PER_CONNECTION_MAX } from "../limits.ts";
import { BEYONDS, MODES, OUTCOMES, SCOPES } from "./fields.ts";
import { inspectControl } from "./inspect-control.ts";
import { bytesText, durationText, listText, nameText } from "./inspect-text.ts";

/** Which way a packet went, seen from the node that captured it. */
export type Direction = "in" | "out";

/** Renders the packets of one connection for people. Keeps the routes of both directions, and what the open messages were about. */
export interface PacketInspector {
  /** Gives a line for each message of a packet, control first; one line that says what is wrong, for bytes that are no packet. */
  inspect(packet: Uint8Array, direction: Direction): readonly string[];
}

/** Makes an inspector for one connection. It knows nothing of a component's contract: bodies are shown by their size. */
export function createPacketInspector(): PacketInspector {
  return new ConnectionInspector();
}

/** Kinds whose id was drawn by the other side. */
const ANSWERS: ReadonlySet<number> = new Set([Kind.reply, Kind.streamItem, Kind.streamEnd]);

class ConnectionInspector implements PacketInspector {
  readonly #routes: Readonly<Record<Direction, Map<number, Head>>> = { in: new Map(), out: new Map() };
  /** Target of each message by its sender's direction and its id; the oldest goes when there are too many. */
  readonly #open = new Map<string, string>();

  inspect(packet: Uint8Array, direction: Direction): readonly string[] {
    try {
      const { control, envelopes } = fromBinary(PacketSchema, packet);
      return [...control.map(inspectControl), ...envelopes.map((envelope) => this.#line(envelope, direction))];
    } catch (error) {
      return [`no packet, ${packet.length} B: ${(error as Error).message}`];
    }
  }

  #line(envelope: Envelope, direction: Direction): string {
    const head = this.#headOf(envelope, direction);
    const kind = kindText(envelope.kind);
    return listText([
      `${kind} ${envelope.id}`,
      this.#target(envelope, head, direction),
      ...(head === undefined ? [] : headFacts(head)),
      ...envelopeFacts(envelope),
      bodyFact(envelope, head),
      failureFact(envelope),
    ]);
  }

  #headOf(envelope: Envelope, direction: Direction): Head | undefined {
    const routes = this.#routes[direction];
    if (envelope.head === undefined) return routes.get(envelope.route);
    if (envelope.route > 0 && envelope.route <= ROUTES_PER_CONNECTION_MAX) routes.set(envelope.route, envelope.head);
    return envelope.head;
  }

  #target(envelope: Envelope, head: Head | undefined, direction: Direction): string {
    const back = direction === "in" ? "out" : "in";
    const key = `${ANSWERS.has(envelope.kind) ? back : direction} ${envelope.id}`;
    if (head === undefined) {
      if (envelope.route > 0) return `route ${envelope.route}, which the capture does not declare`;
      const about = this.#open.get(key);
      return about === undefined ? "" : `of ${about}`;
    }
    const target =
      head.resource === "" ? `${nameText(head.component)}.${nameText(head.method)}` : nameText(head.resource);
    this.#open.set(key, target);
    if (this.#open.size > INSPECTED_OPEN_MAX) this.#open.delete(this.#open.keys().next().value as string);
    return target;
  }
}

function headFacts(head: Head): string[] {
  const { source, horizon } = head;
  return [
    head.version === "" ? "" : `version ${nameText(head.version)}`,
    head.mode === 0 ? "" : `mode ${MODES[head.mode] ?? head.mode}`,
    head.instance === "" ? "" : `at ${nameText(head.instance)}`,
    source === undefined
      ? ""
      : `from ${[source.node, source.instance]
          .filter((name) => name !== "")
          .map(nameText)
          .join("/")}`,
    head.agent === "" ? "" : `agent ${nameText(head.agent)}`,
    horizon === undefined ? "" : horizonText(horizon),
  ];
}

function horizonText({ scope, beyond, distanceUs, hops }: NonNullable<Head["horizon"]>): string {
  const limits = [
    distanceUs === 0n ? "" : `${durationText(distanceUs)} away`,
    hops === 0 ? "" : `${hops - 1} gateways`,
    beyond === 0 ? "" : `else ${BEYONDS[beyond] ?? beyond}`,
  ];
  return ["horizon", SCOPES[scope] ?? scope, ...limits.filter((limit) => limit !== "")].join(" ");
}

function envelopeFacts(envelope: Envelope): string[] {
  const { flow, trace, $unknown = [] } = envelope;
  return [
    envelope.budgetUs === 0n ? "" : `within ${durationText(envelope.budgetUs)}`,
    flow === undefined
      ? ""
      : `flow ${nameText(flow.node)}/${flow.id}${flow.name === "" ? "" : ` ${nameText(flow.name)}`}`,
    flow === undefined || flow.parentId === 0n ? "" : `under flow ${flow.parentId}`,
    envelope.path.length === 0 ? "" : `via ${envelope.path.map(nameText).join(" > ")}`,
    envelope.attempt === 0 ? "" : `attempt ${envelope.attempt}`,
    envelope.idempotencyKey === "" ? "" : `key ${nameText(envelope.idempotencyKey)}`,
    envelope.shardKey === "" ? "" : `shard ${nameText(envelope.shardKey)}`,
    envelope.orderKey.length === 0 ? "" : `order ${bytesText(envelope.orderKey)}`,
    trace === undefined ? "" : `trace ${bytesText(trace.traceId)}-${bytesText(trace.spanId)}`,
    envelope.credit === 0 ? "" : `credit ${envelope.credit}`,
    envelope.idleUs === 0n ? "" : `idle ${durationText(envelope.idleUs)}`,
    envelope.wire <= 1 ? "" : `wire ${envelope.wire}`,
    envelope.seal === undefined ? "" : `sealed by ${nameText(envelope.seal.name)}`,
    $unknown.length === 0 ? "" : `${$unknown.length} fields of a newer peer`,
  ];
}

function bodyFact(envelope: Envelope, head: Head | undefined): string {
  if (envelope.body.length === 0) return "";
  const type = head === undefined || head.contentType === "" ? "" : ` ${nameText(head.contentType)}`;
  return `body ${envelope.body.length} B${type}`;
}

function failureFact({ failure }: Envelope): string {
  if (failure === undefined) return "";
  const { outcome, code, reason, definite, where, message, details } = failure;
  return [
    OUTCOMES[outcome] ?? `outcome ${outcome}`,
    ...(reason === "" ? [] : [nameText(reason)]),
    `(${nameText(code)}, ${definite ? "definite" : "not definite"})`,
    ...(where === "" ? [] : [`at ${nameText(where)}`]),
    `with ${nameText(message)}`,
    ...(details === "" ? [] : [`and details ${nameText(details)}`]),
  ].join(" ");
}
