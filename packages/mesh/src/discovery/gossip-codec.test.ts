import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { EntrySchema, GossipSchema, Status } from "../gen/orrery/gossip/v1/gossip_pb.ts";
import { type Advert, type Entry, rankOf } from "./entry.ts";
import { encodeEntry, readEntryBody } from "./entry-codec.ts";
import { decodeGossip, encodeGossip, type Said } from "./gossip-codec.ts";
import { BUCKETS, GOSSIP_BYTES_MAX, SHARES_MAX, WANT_MAX } from "./limits.ts";

const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });
const text = fc.string({ unit: "grapheme", maxLength: 40 });
const name = fc.string({ minLength: 1, maxLength: 40 });
const uint32 = fc.oneof(fc.nat({ max: 3 }), fc.integer({ min: 0, max: 0xffffffff }));
const coordinate = fc
  .float({ noNaN: true, noDefaultInfinity: true })
  .map((value) => (Object.is(value, -0) ? 0 : value));
const coordinates = record({ x: coordinate, y: coordinate, height: coordinate, error: coordinate });
const componentModel = {
  name,
  version: fc.constantFrom("1.2.3", "0.0.1-beta.1"),
  fingerprint: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => value.toString(16).padStart(16, "0")),
  instances: uint32,
};
const component = fc.oneof(record(componentModel), record({ ...componentModel, network: name }));
const advertModel = {
  since: uint32,
  addresses: fc.array(text, { maxLength: 3 }),
  components: fc.array(component, { maxLength: 4 }),
  networks: fc.array(text, { maxLength: 3 }),
};
const entry: fc.Arbitrary<Entry> = record({
  node: name,
  incarnation: fc.maxSafeNat(),
  version: uint32,
  status: fc.constantFrom("alive", "suspect", "dead", "left"),
  by: text,
  advertVersion: uint32,
  advert: fc.option(fc.oneof(record(advertModel), record({ ...advertModel, sharesRates: fc.constant(true) })), {
    nil: undefined,
  }),
  load: fc.option(
    record({
      version: uint32,
      advertVersion: uint32,
      freeSlots: fc.array(uint32, { maxLength: 4 }),
      coordinates: fc.option(coordinates, { nil: undefined }),
      placeVersion: uint32,
    }),
    { nil: undefined },
  ),
});
const share = record({ rule: text, wanted: coordinate.filter((value) => value >= 0) });
const said: fc.Arbitrary<Said> = fc.oneof(
  record({ kind: fc.constant("probe"), id: uint32, target: text }),
  record({ kind: fc.constant("ack"), id: uint32, coordinates: fc.option(coordinates, { nil: undefined }) }),
  record({ kind: fc.constant("indirectProbe"), id: uint32, target: text, address: text }),
  record({ kind: fc.constant("nack"), id: uint32 }),
  record({
    kind: fc.constant("digest"),
    buckets: fc.array(uint32, { minLength: BUCKETS, maxLength: BUCKETS }),
    isAnswer: fc.boolean(),
    loads: fc.array(uint32, { minLength: BUCKETS, maxLength: BUCKETS }),
  }),
  record({ kind: fc.constant("page") }),
  record({ kind: fc.constant("want"), nodes: fc.array(text, { maxLength: 5 }) }),
  record({ kind: fc.constant("news") }),
  record({ kind: fc.constant("shares"), shares: fc.array(share, { maxLength: 3 }) }),
);

function entryInit({ incarnation, status, advert, load, ...rest }: Entry): MessageInitShape<typeof EntrySchema> {
  return {
    ...rest,
    incarnation: BigInt(incarnation),
    status: rankOf(status) as Status,
    ...(advert && {
      advert: {
        ...advert,
        addresses: [...advert.addresses],
        networks: [...advert.networks],
        components: advert.components.map((one) => ({ ...one, fingerprint: BigInt(`0x${one.fingerprint}`) })),
      },
    }),
    ...(load && {
      load: {
        version: load.version,
        advertVersion: load.advertVersion,
        freeSlots: [...load.freeSlots],
        placeVersion: load.placeVersion,
        ...(load.coordinates && { coordinates: load.coordinates }),
      },
    }),
  };
}

function saidInit(of: Said): MessageInitShape<typeof GossipSchema>["message"] & {} {
  const { kind, ...value } = of;
  return kind === "news" ? { case: undefined } : ({ case: kind, value } as never);
}

test("encodeGossip writes the bytes that protobuf-es writes, and decodeGossip reads them", () => {
  const message = record({
    from: text,
    incarnation: fc.maxSafeNat(),
    network: text,
    said,
    entries: fc.array(entry, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(message, ({ entries, ...rest }) => {
      const bytes = encodeGossip({ ...rest, entries: entries.map(encodeEntry) });
      const init = { ...rest, incarnation: BigInt(rest.incarnation), entries: entries.map(entryInit) };
      const theirs = create(GossipSchema, { ...init, message: saidInit(rest.said) });
      assert.deepEqual(bytes, toBinary(GossipSchema, theirs));
      const { entries: raw, ...read } = decodeGossip(bytes);
      assert.deepEqual(read, rest);
      for (const [index, one] of raw.entries()) {
        const { bytes: body, hasAdvert, hasLoad, ...head } = one;
        const { advert, load, ...wanted } = entries[index] as Entry;
        assert.deepEqual(head, wanted);
        assert.deepEqual([hasAdvert, hasLoad], [advert !== undefined, load !== undefined]);
        assert.deepEqual(readEntryBody(body), { advert, load });
        assert.equal(fromBinary(EntrySchema, body).node, head.node);
      }
    }),
  );
});

test("decodeGossip takes any bytes for a message or refuses them, and passes over what a newer peer says", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        for (const { bytes: body } of decodeGossip(bytes).entries) readEntryBody(body);
      } catch (error) {
        assert.ok(error instanceof Error && error.message !== "");
      }
    }),
  );
  const newer = new Uint8Array([
    ...encodeGossip({ from: "a", incarnation: 1, network: "eu-1", said: { kind: "page" }, entries: [] }),
    0xf2,
    0x07,
    1,
    9,
  ]);
  assert.deepEqual(decodeGossip(newer), {
    from: "a",
    incarnation: 1,
    network: "eu-1",
    said: { kind: "page" },
    entries: [],
  });
});

for (const [what, message] of [
  ["an entry without a node", { entries: [{ status: Status.ALIVE }] }],
  ["an entry without a status", { entries: [{ node: "a" }] }],
  ["an entry of a node with a long name", { entries: [{ node: "a".repeat(257), status: Status.ALIVE }] }],
  ["a digest of another size", { message: { case: "digest", value: { buckets: [1, 2] } } }],
  ["a share that is no rate", { message: { case: "shares", value: { shares: [{ rule: "a", wanted: -1 }] } } }],
  ["many shares", { message: { case: "shares", value: { shares: Array(SHARES_MAX + 1).fill({ rule: "a" }) } } }],
  ["many wishes", { message: { case: "want", value: { nodes: Array(WANT_MAX + 1).fill("a") } } }],
] satisfies [string, MessageInitShape<typeof GossipSchema>][])
  test(`decodeGossip refuses ${what}`, () => {
    assert.throws(() => decodeGossip(toBinary(GossipSchema, create(GossipSchema, message))));
  });

test("decodeGossip refuses a message over its bound, and readEntryBody an advert over its own", () => {
  assert.throws(() => decodeGossip(new Uint8Array(GOSSIP_BYTES_MAX + 1)), /message of \d+ bytes/);
  const advert = { since: 0, addresses: Array<string>(17).fill("a"), components: [], networks: [] };
  const entryOf = (told: Advert) =>
    encodeEntry({
      ...({ node: "a", incarnation: 1, version: 1, status: "alive", by: "", advertVersion: 1 } as const),
      advert: told,
      load: undefined,
    });
  assert.throws(() => readEntryBody(entryOf(advert)), /advert of 17 addresses/);
  const wide = { ...advert, addresses: [], networks: Array<string>(9).fill("a") };
  assert.throws(() => readEntryBody(entryOf(wide)), /advert of 9 networks/);
});
