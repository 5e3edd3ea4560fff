import type { MessageInitShape } from "@bufbuild/protobuf";
import type { OrderSchema, ReadingSchema } from "../gen/orrery/benchmarks/v1/work_pb.ts";
import type { PreparedCall, Work } from "./contestant.ts";

/** The order that typed calls carry: 3 lines, 2 tags, 142 bytes as protobuf. */
export const ORDER = {
  id: "ord-2041-7731",
  customer: "Ada Lovelace & Sons",
  paid: true,
  totalCents: 128_450,
  lines: [
    { sku: "gear-train-48", quantity: 2, priceCents: 41_000 },
    { sku: "brass-planet-07", quantity: 6, priceCents: 7_075 },
    { sku: "crank-handle", quantity: 1, priceCents: 4_000 },
  ],
  tags: ["fragile", "gift-wrapped"],
  createdMs: 1_716_239_022_118,
} satisfies MessageInitShape<typeof OrderSchema>;

/** The small message of calls within a process. */
export const READING = {
  sequence: 4711,
  station: "oslo-blindern",
  celsius: -3.25,
} satisfies MessageInitShape<typeof ReadingSchema>;

/** Bytes of `ORDER` as protobuf: what the controls carry where others carry the order. */
export const ORDER_BYTES = 142;

/** Opaque bytes: printable, so that contestants which carry text carry the same. */
export function payloadBytes(size: number): Buffer {
  return Buffer.alloc(size, "0123456789abcdef");
}

/** A call that carries opaque bytes; an order becomes as many bytes as it has. */
export function prepareBytes(work: Work, carry: (payload: Buffer) => Promise<unknown>): PreparedCall {
  const payload = payloadBytes(bytesOf(work));
  return {
    call: () => carry(payload),
    accepts: (reply) => reply instanceof Uint8Array && payload.equals(reply),
  };
}

/** A call that carries text of as many characters. */
export function prepareText(work: Work, carry: (payload: string) => Promise<unknown>): PreparedCall {
  const payload = payloadBytes(bytesOf(work)).toString("latin1");
  return { call: () => carry(payload), accepts: (reply) => reply === payload };
}

/** A call that carries the order as an object. */
export function prepareOrder(carry: (order: typeof ORDER) => Promise<unknown>): PreparedCall {
  return { call: () => carry(ORDER), accepts: isOrder };
}

/** A call that carries the reading as an object. */
export function prepareReading(carry: (reading: typeof READING) => Promise<unknown>): PreparedCall {
  const accepts = (reply: unknown) => (reply as typeof READING).station === READING.station;
  return { call: () => carry(READING), accepts };
}

function isOrder(reply: unknown): boolean {
  const { lines, tags, createdMs } = reply as typeof ORDER;
  return lines.length === 3 && lines[2]?.sku === "crank-handle" && tags.length === 2 && createdMs === ORDER.createdMs;
}

function bytesOf(work: Work): number {
  return work.kind === "bytes" ? work.bytes : ORDER_BYTES;
}
