import { create, toBinary } from "@bufbuild/protobuf";
import { createEnvelope, type Envelope, type Head, Kind } from "../envelope.ts";
import { fingerprint } from "../fingerprint.ts";
import { ControlSchema } from "../gen/orrery/control/v1/control_pb.ts";
import type { Message } from "../transport.ts";

/** A packet whose bytes are part of the protocol: they change only with its major version. */
export interface GoldenPacket {
  /** Heading of its block in the protocol page, where it is shown there. */
  readonly name: string;
  readonly messages: readonly Message[];
  /** Monotonic time at which it is written, in ms. */
  readonly nowMs: number;
  readonly hex: string;
}

/** Head of the golden packets: a call of a protobuf method by a client. */
export const GOLDEN_HEAD: Head = {
  component: "weather.v1.Weather",
  method: "Today",
  version: "",
  fingerprint: fingerprint(["weather.v1.Weather", "Today", "sync", "weather.v1.TodayRequest", "weather.v1.TodayReply"]),
  mode: "sync",
  contentType: "",
  instance: "",
  source: { node: "desk", instance: "", incarnation: 1_700_000_000_000 },
  agent: "anna",
  horizon: undefined,
  resource: "",
};

const utf8 = (text: string) => new TextEncoder().encode(text);

function envelope(kind: Kind, id: number, fields: Partial<Envelope> & { head?: Head } = {}): Envelope {
  const { head, ...rest } = fields;
  return Object.assign(createEnvelope(kind, id, head), rest);
}

const body = Uint8Array.of(0x0a, 0x04, ...utf8("Oslo"));

/** Every kind of packet once, as one connection carries them in this order: routes are declared once. */
export const GOLDEN_PACKETS: readonly GoldenPacket[] = [
  {
    name: "hello",
    nowMs: 0,
    messages: [
      {
        plane: "control",
        bytes: toBinary(
          ControlSchema,
          create(ControlSchema, {
            message: {
              case: "hello",
              value: { node: "desk", incarnation: 1_700_000_000_000n, wire: 1, software: "orrery/0.1.0" },
            },
          }),
        ),
      },
    ],
    hex: "0a1f0a1d0a046465736b1080d095ffbc311801220c6f72726572792f302e312e30",
  },
  {
    name: "request",
    nowMs: 5000,
    messages: [envelope(Kind.request, 1, { head: GOLDEN_HEAD, deadlineMs: 35_000, bytes: body })],
    hex: "124d0801180122390a12776561746865722e76312e576561746865721205546f6461792125bc286f9340cc50420d0a046465736b1880d095ffbc314a04616e6e61288087a70ea201060a044f736c6f",
  },
  {
    name: "later request",
    nowMs: 5000,
    messages: [envelope(Kind.request, 2, { head: GOLDEN_HEAD, deadlineMs: 35_000, bytes: body })],
    hex: "121208021801288087a70ea201060a044f736c6f",
  },
  {
    name: "reply",
    nowMs: 0,
    messages: [envelope(Kind.reply, 1, { bytes: Uint8Array.of(0x08, 0x05) })],
    hex: "120908011001a201020805",
  },
  {
    name: "bounce",
    nowMs: 0,
    messages: [
      envelope(Kind.reply, 2, {
        failure: {
          kind: "bounced",
          code: "not_found",
          reason: "no_such_component",
          message: 'Cannot call component "weather.v1.Weather": node "oslo" has none',
          definite: true,
          where: "oslo",
          details: "",
        },
      }),
    ],
    hex: "127008021001626a080212096e6f745f666f756e641a116e6f5f737563685f636f6d706f6e656e74224043616e6e6f742063616c6c20636f6d706f6e656e742022776561746865722e76312e57656174686572223a206e6f646520226f736c6f2220686173206e6f6e65280132046f736c6f",
  },
  { name: "cancel", nowMs: 0, messages: [envelope(Kind.cancel, 2)], hex: "120408021002" },
  {
    name: "one-way",
    nowMs: 0,
    messages: [
      envelope(Kind.oneWay, 3, { head: { ...GOLDEN_HEAD, method: "Note", mode: "async" }, idempotencyKey: "k-7" }),
    ],
    hex: "1247080310031802223a0a12776561746865722e76312e5765617468657212044e6f74652125bc286f9340cc502801420d0a046465736b1880d095ffbc314a04616e6e614a036b2d37",
  },
  {
    name: "stream",
    nowMs: 0,
    messages: [
      envelope(Kind.streamOpen, 4, {
        head: { ...GOLDEN_HEAD, method: "Watch", mode: "stream" },
        credit: 64,
        idleMs: 60_000,
        bytes: body,
      }),
      envelope(Kind.streamItem, 4, { bytes: Uint8Array.of(0x08, 0x06) }),
      envelope(Kind.streamCredit, 4, { credit: 32 }),
      envelope(Kind.streamEnd, 4),
    ],
    hex: "1253080410041803223b0a12776561746865722e76312e57656174686572120557617463682125bc286f9340cc502802420d0a046465736b1880d095ffbc314a04616e6e61684070808ece1ca201060a044f736c6f120908041005a2010208061206080410066820120408041007",
  },
  {
    name: "broadcast with everything",
    nowMs: 0,
    messages: [
      envelope(Kind.broadcast, 5, {
        head: {
          ...GOLDEN_HEAD,
          version: "1.2.3",
          mode: "broadcast",
          contentType: "application/json",
          instance: "w.0",
          source: { node: "desk", instance: "d.0", incarnation: 1 },
          horizon: { scope: "host", beyond: "drop", distanceMs: 2.5, hops: 1 },
          resource: "space:a",
        },
        path: ["a.0", "b.0"],
        flow: { id: 9, node: "desk", name: "booking", parentId: 8 },
        trace: { traceId: new Uint8Array(16).fill(1), spanId: new Uint8Array(8).fill(2), flags: 1, state: "k=v" },
        attempt: 1,
        orderKey: Uint8Array.of(0, 1),
        shardKey: "s",
        wire: 1,
        bytes: utf8("{}"),
      }),
    ],
    hex: "12ca01080510081804226d0a12776561746865722e76312e576561746865721205546f6461791a05312e322e332125bc286f9340cc50280332106170706c69636174696f6e2f6a736f6e3a03772e30420d0a046465736b1203642e3018014a04616e6e6152090802100118c41320015a0773706163653a613213080912046465736b1a07626f6f6b696e6720083a03612e303a03622e304001520200015a230a100101010101010101010101010101010112080202020202020202180122036b3d767a0173800101a201027b7d",
  },
  {
    name: "sealed request and reply",
    nowMs: 0,
    messages: [
      envelope(Kind.request, 6, {
        head: GOLDEN_HEAD,
        seal: { name: "team", node: "desk", incarnation: 1_700_000_000_000, id: 6 },
        bytes: Uint8Array.of(1, 2, 3),
      }),
      envelope(Kind.reply, 6, {
        seal: { name: "team", node: "", incarnation: 0, id: 0 },
        bytes: Uint8Array.of(4, 5, 6),
      }),
    ],
    hex: "1222080618018a01150a047465616d12046465736b1880d095ffbc312006a201030102031213080610018a01060a047465616da20103040506",
  },
];
