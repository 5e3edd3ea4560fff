import { createEnvelope, type Envelope, Kind } from "../envelope.ts";
import type { SendResult } from "../transport.ts";
import { idsOf, numbered, patterned, plainEnvelope, sendAll } from "./bench.ts";
import { type ConformanceCase, needs } from "./case.ts";
import { expect, expectSame } from "./expect.ts";

/** More messages than any link may let wait. */
const MORE_THAN_WAIT = 300_000;

const idsUpTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** An envelope with a value in every field. */
function fullEnvelope(nowMs: number): Envelope {
  const envelope = createEnvelope(Kind.request, 77, {
    component: "a.B",
    method: "C",
    version: "1.2.3",
    fingerprint: "00ff00ff00ff00ff",
    mode: "stream",
    contentType: "application/json",
    instance: "b.0",
    source: { node: "nöde", instance: "a.0", incarnation: 1_700_000_000_000 },
    agent: "anna",
    horizon: { scope: "host", beyond: "drop", distanceMs: 2.5, hops: 3 },
    resource: "space:x",
  });
  return Object.assign(envelope, {
    deadlineMs: nowMs + 3_600_000,
    bytes: patterned(10),
    credit: 5,
    idleMs: 1500,
    path: ["x.0", "y.0"],
    flow: { id: 9, node: "n", name: "booking", parentId: 8 },
    trace: { traceId: patterned(16), spanId: patterned(8), flags: 1, state: "k=v" },
    attempt: 2,
    idempotencyKey: "key",
    shardKey: "shard",
    orderKey: patterned(3),
    wire: 1,
    failure: {
      kind: "bounced",
      code: "not_found",
      reason: "no_such_component",
      message: "Cannot",
      definite: true,
      where: "n",
      details: '{"a":1}',
    },
  } satisfies Partial<Envelope>);
}

/** What a transport promises of the messages on a link. */
export const MESSAGE_CASES: readonly ConformanceCase[] = [
  {
    name: "keeps the order of 10,000 messages of all sizes, sent at once",
    async run(bench) {
      const { here, there, link } = await bench.pair();
      sendAll(
        here.transport,
        link,
        numbered(1, 10_000, (id) => patterned(id % 100 === 0 ? 20_000 : id % 7, id)),
      );
      await there.envelopes.atLeast(10_000);
      expectSame(idsOf(there), idsUpTo(10_000), "the order");
      for (const { envelope } of there.envelopes.items) {
        if (envelope.id % 100 > 1) continue;
        const size = envelope.id % 100 === 0 ? 20_000 : envelope.id % 7;
        expectSame(envelope.bytes, patterned(size, envelope.id), `the body of ${envelope.id}`);
      }
    },
  },
  {
    name: "keeps order in both directions at once",
    async run(bench) {
      const { here, there, link, back } = await bench.pair();
      for (let id = 1; id <= 500; id++) {
        sendAll(here.transport, link, [plainEnvelope(id)]);
        sendAll(there.transport, back, [plainEnvelope(id)]);
      }
      await Promise.all([here.envelopes.atLeast(500), there.envelopes.atLeast(500)]);
      expectSame([idsOf(here), idsOf(there)], [idsUpTo(500), idsUpTo(500)], "the order");
    },
  },
  {
    name: "keeps order over many turns",
    async run(bench) {
      const { here, there, link } = await bench.pair();
      for (let turn = 0; turn < 100; turn++) {
        sendAll(here.transport, link, numbered(turn * 10 + 1, turn * 10 + 10));
        await Promise.resolve();
        if (turn % 10 === 0) await there.envelopes.atLeast(turn * 10 + 5);
      }
      await there.envelopes.atLeast(1000);
      expectSame(idsOf(there), idsUpTo(1000), "the order");
    },
  },
  {
    name: "carries every field of an envelope",
    async run(bench) {
      const { here, there, link } = await bench.pair();
      const sent = fullEnvelope(bench.clock.monotonic());
      sendAll(here.transport, link, [sent]);
      const { envelope } = await there.envelopes.first(() => true);
      const { deadlineMs: _deadline, left: _left, ...expected } = sent;
      const { deadlineMs: _received, left, ...actual } = envelope;
      expectSame(actual, expected, "the envelope");
      expectSame(left, false, "left of what was received");
    },
  },
  {
    name: "carries fields of a newer peer on",
    async run(bench) {
      const { here, there, link } = await bench.pair();
      const sent = plainEnvelope(1, patterned(3));
      sent.unknown = Uint8Array.of(0xc0, 0x0c, 0x05); // Field 200 as a number.
      sendAll(here.transport, link, [sent]);
      const [got] = await there.envelopes.atLeast(1);
      expectSame(got?.envelope.unknown, Uint8Array.of(0xc0, 0x0c, 0x05), "the unknown field");
    },
  },
  {
    name: "carries bodies of 0 bytes to 1 MiB",
    async run(bench) {
      const { here, there, link } = await bench.pair();
      const sizes = [0, 1, 127, 128, 8192, 8193, 65_536, 1024 * 1024, 0];
      sendAll(
        here.transport,
        link,
        sizes.map((size, index) => plainEnvelope(index + 1, patterned(size))),
      );
      await there.envelopes.atLeast(sizes.length);
      for (const [index, { envelope }] of there.envelopes.items.entries())
        expectSame(envelope.bytes, patterned(sizes[index] ?? -1), `a body of ${sizes[index]} bytes`);
    },
  },
  {
    name: "never reuses the bytes of a message",
    async run(bench) {
      const { here, there, link } = await bench.pair();
      const control = (id: number) => ({ plane: "control", bytes: patterned(40, id) }) as const;
      for (let id = 1; id <= 1000; id++)
        sendAll(here.transport, link, [plainEnvelope(id, patterned(300, id)), control(id)]);
      await Promise.all([there.envelopes.atLeast(1000), there.control.atLeast(1000)]);
      for (const [index, { envelope }] of there.envelopes.items.entries())
        expectSame(envelope.bytes, patterned(300, index + 1), `body ${index + 1}`);
      for (const [index, { bytes }] of there.control.items.entries())
        expectSame(bytes, patterned(40, index + 1), `control ${index + 1}`);
    },
  },
  {
    name: "gives the receiver an envelope of its own",
    async run(bench) {
      const { here, there, link } = await bench.pair();
      const sent = plainEnvelope(1);
      sent.deadlineMs = bench.clock.monotonic() + 60_000;
      const { deadlineMs } = sent;
      sendAll(here.transport, link, [sent]);
      const [got] = await there.envelopes.atLeast(1);
      const envelope = got?.envelope as Envelope;
      envelope.deadlineMs = 1;
      envelope.attempt = 9;
      expectSame([sent.deadlineMs, sent.attempt], [deadlineMs, 0], "the sender's envelope");
    },
  },
  {
    name: "tells the receiver what is left of the budget",
    async run(bench) {
      const { here, there, link } = await bench.pair();
      const [timed, free] = numbered(1, 2) as [Envelope, Envelope];
      timed.deadlineMs = bench.clock.monotonic() + 60_000;
      sendAll(here.transport, link, [timed, free]);
      const got = await there.envelopes.atLeast(2);
      const leftMs = (got[0]?.envelope.deadlineMs ?? 0) - bench.clock.monotonic();
      expect(leftMs > 50_000 && leftMs <= 60_001, `about 60,000 ms to be left, got ${leftMs}`);
      expectSame(got[1]?.envelope.deadlineMs, 0, "the deadline of a message without one");
    },
  },
  {
    name: "drops a message that was withdrawn or expired while it waited, unsent",
    async run(bench) {
      const address = await bench.freeAddress();
      const here = bench.side();
      const link = here.transport.connect(bench.reach(address));
      const waiting = numbered(1, 4) as [Envelope, Envelope, Envelope, Envelope];
      waiting[1].deadlineMs = bench.clock.monotonic() + 5;
      waiting[3].deadlineMs = bench.clock.monotonic() + 60_000;
      sendAll(here.transport, link, waiting);
      waiting[2].deadlineMs = Number.MIN_VALUE; // Its sender gives it up.
      await bench.clock.sleep(10);
      const there = bench.side();
      await there.transport.listen(address);
      await there.envelopes.atLeast(2);
      expectSame(idsOf(there), [1, 4], "what arrived");
      expectSame(
        waiting.map(({ left }) => left),
        [true, false, false, true],
        "left",
      );
    },
  },
  {
    name: "refuses what is over the bound of a link, definitely, and delivers all that it took",
    async run(bench) {
      const address = await bench.freeAddress();
      const here = bench.side();
      const link = here.transport.connect(bench.reach(address));
      let result: SendResult = "accepted";
      let accepted = 0;
      for (let id = 1; id <= MORE_THAN_WAIT; id++) {
        const envelope = plainEnvelope(id);
        result = here.transport.send(link, envelope);
        if (result !== "accepted") {
          expectSame(envelope.left, false, "left of what was refused");
          break;
        }
        accepted = id;
      }
      expectSame(result, "overloaded", `the result after ${accepted} messages`);
      const there = bench.side();
      await there.transport.listen(address);
      await there.envelopes.atLeast(accepted);
      sendAll(here.transport, link, [plainEnvelope(MORE_THAN_WAIT + 1)]);
      await there.envelopes.atLeast(accepted + 1);
      expectSame(idsOf(there), [...idsUpTo(accepted), MORE_THAN_WAIT + 1], "what arrived");
    },
  },
  {
    name: "makes room in a full link by what has expired",
    async run(bench) {
      const here = bench.side();
      const link = here.transport.connect(bench.reach(await bench.freeAddress()));
      const waiting: Envelope[] = [];
      let result: SendResult = "accepted";
      while (result === "accepted" && waiting.length < MORE_THAN_WAIT) {
        const envelope = plainEnvelope(waiting.length + 1);
        result = here.transport.send(link, envelope);
        waiting.push(envelope);
      }
      expectSame(result, "overloaded", "the result");
      for (const envelope of waiting) envelope.deadlineMs = Number.MIN_VALUE;
      sendAll(here.transport, link, numbered(1, 100));
    },
  },
  {
    name: "refuses a body that it never takes as too large",
    skip: needs("bodyBytesTooLarge"),
    async run(bench) {
      const { here, there, link } = await bench.pair();
      const envelope = plainEnvelope(1, new Uint8Array(bench.harness.bodyBytesTooLarge ?? 0));
      expectSame(here.transport.send(link, envelope), "too_large", "the result");
      expectSame(envelope.left, false, "left");
      sendAll(here.transport, link, [plainEnvelope(2)]);
      await there.envelopes.atLeast(1);
      expectSame(idsOf(there), [2], "what arrived");
    },
  },
  {
    name: "carries control frames, also to a listener that comes later",
    async run(bench) {
      const address = await bench.freeAddress();
      const here = bench.side();
      const link = here.transport.connect(bench.reach(address));
      const frames = [patterned(0), patterned(1), patterned(5000)];
      sendAll(
        here.transport,
        link,
        frames.map((bytes) => ({ plane: "control", bytes })),
      );
      const there = bench.side();
      await there.transport.listen(address);
      const got = await there.control.atLeast(3);
      expectSame(
        got.map(({ bytes }) => bytes),
        frames,
        "the frames",
      );
      expectSame(idsOf(there), [], "envelopes");
    },
  },
];
