import { strict as assert } from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import {
  decodeGuestReply,
  decodeGuestRequest,
  encodeGuestReply,
  encodeGuestRequest,
  GUEST_HEADERS_MAX,
} from "./guest-codec.ts";
import { type GuestReply, type GuestRequest, guestReply, guestRequest } from "./guest-message.ts";
import { ReplySchema, RequestSchema } from "./testing/gen/orrery/guest/v1/guest_pb.ts";

const text = fc.string({ unit: "binary", maxLength: 40 }).map((value) => value.toWellFormed());
const body = fc.uint8Array({ maxLength: 400 });
const PLAIN = { noNullPrototype: true } as const;
const headers = fc.array(fc.tuple(text, text), { maxLength: 4 });
const time = fc.maxSafeNat();
const requests: fc.Arbitrary<GuestRequest> = fc.record(
  {
    service: text,
    method: text,
    path: text,
    headers,
    contentType: text,
    body,
    agent: text,
    nowMs: time,
    budgetMs: fc.nat(),
  },
  PLAIN,
);
const failure = fc.record({ code: text, message: text, reason: text, details: text, definite: fc.boolean() }, PLAIN);
const replies: fc.Arbitrary<GuestReply> = fc.record(
  {
    status: fc.nat(999),
    headers,
    contentType: text,
    body,
    failure: fc.option(failure, { nil: undefined }),
    nowMs: time,
  },
  PLAIN,
);

test("encodeGuestRequest writes what decodeGuestRequest reads, and protobuf too", () => {
  fc.assert(
    fc.property(requests, (request) => {
      const bytes = encodeGuestRequest(request);
      assert.deepEqual(decodeGuestRequest(bytes), request);
      assert.deepEqual(toBinary(RequestSchema, fromBinary(RequestSchema, bytes)), bytes);
    }),
  );
});

test("encodeGuestReply writes what decodeGuestReply reads, and protobuf too", () => {
  fc.assert(
    fc.property(replies, (reply) => {
      const bytes = encodeGuestReply(reply);
      assert.deepEqual(decodeGuestReply(bytes), reply);
      assert.deepEqual(toBinary(ReplySchema, fromBinary(ReplySchema, bytes)), bytes);
    }),
  );
});

test("decodeGuestRequest and decodeGuestReply read any bytes, or say what is wrong and where", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      for (const decode of [decodeGuestRequest, decodeGuestReply]) {
        try {
          decode(bytes);
        } catch (error) {
          assert.match((error as Error).message, /, at byte \d+ of \d+$/);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

test("decodeGuestRequest passes over fields that it does not know", () => {
  const unknown = Uint8Array.of(0x78, 5, 0x79, ...new Array(8).fill(1), 0x7a, 2, 9, 9, 0x7d, 1, 2, 3, 4);
  const known = encodeGuestRequest(guestRequest({ method: "a" }));
  assert.deepEqual(decodeGuestRequest(Uint8Array.of(...unknown, ...known)), guestRequest({ method: "a" }));
});

const bad: readonly [what: string, bytes: readonly number[], why: RegExp][] = [
  ["a text that is cut short", [0x0a, 5, 65], /truncated, at byte 2 of 3/],
  ["a text that is no UTF-8", [0x0a, 1, 0xff], /field 1 is not UTF-8/],
  ["a number where a text belongs", [0x08, 1], /field 1 is no text or bytes/],
  ["a text where a number belongs", [0x42, 1, 65], /field 8 is no number/],
  ["field 0", [0x00, 1], /field number 0/],
  ["a group", [0x7b], /wire type 3/],
  ["a number beyond 2^53", [0x40, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], /a number is too large/],
];
for (const [what, bytes, why] of bad) {
  test(`decodeGuestRequest refuses ${what}`, () => {
    assert.throws(() => decodeGuestRequest(Uint8Array.from(bytes)), { message: why });
  });
}

test("decodeGuestReply reads as many headers as it may, and not one more", () => {
  const of = (count: number) =>
    encodeGuestReply(guestReply({ headers: Array.from({ length: count }, () => ["a", "b"]) }));
  assert.equal(decodeGuestReply(of(GUEST_HEADERS_MAX)).headers.length, GUEST_HEADERS_MAX);
  assert.throws(() => decodeGuestReply(of(GUEST_HEADERS_MAX + 1)), { message: /there are more than 200 headers/ });
});
