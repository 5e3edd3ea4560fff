import { defineService } from "../contract-schema.ts";
import { createTableDirectory } from "../directory.ts";
import { createEnvelope, type Envelope, type Head, Kind, type WireFailure } from "../envelope.ts";
import { json } from "../json-body.ts";
import { createClient } from "../node.ts";
import type { JsonValue } from "../orrery-error.ts";
import type { Link } from "../transport.ts";
import { type Bench, patterned, plainEnvelope, type Side, sendAll } from "./bench.ts";
import { type ConformanceCase, needs, needsBytes } from "./case.ts";
import { expect, expectFailure, expectSame } from "./expect.ts";
import { Probe } from "./probe.ts";

const Other = defineService("conformance.other", { say: { request: json<JsonValue>(), reply: json<JsonValue>() } });

const SAY: Head = {
  component: "conformance.probe",
  method: "say",
  version: "",
  fingerprint: "",
  mode: "sync",
  contentType: "application/json",
  instance: "",
  source: { node: "liar", instance: "", incarnation: 1 },
  agent: "anonymous",
  horizon: undefined,
  resource: "",
};

/** Puts JSON into an envelope in both forms that a carrier may ask for. */
function withBody(envelope: Envelope, value: JsonValue, carriesValues: boolean): Envelope {
  if (carriesValues) envelope.value = value;
  else envelope.bytes = new TextEncoder().encode(JSON.stringify(value));
  return envelope;
}

/** A peer that a client takes for a node, and that answers what a case wants. */
interface LyingServer extends Side {
  /** Waits for the next request that begins an exchange, counted from 1. */
  request(count: number): Promise<{ readonly link: Link; readonly id: number }>;
  answer(link: Link, kind: Kind, id: number, value: JsonValue): void;
  readonly address: string;
}

async function lyingServer(bench: Bench): Promise<LyingServer> {
  const side = bench.side();
  const address = bench.reach(await side.transport.listen(await bench.freeAddress()));
  return {
    ...side,
    address,
    async request(count) {
      const items = await side.envelopes.atLeast(count);
      const { link, envelope } = items[count - 1] as (typeof items)[number];
      return { link, id: envelope.id };
    },
    answer(link, kind, id, value) {
      sendAll(side.transport, link, [withBody(createEnvelope(kind, id), value, side.transport.carriesValues)]);
    },
  };
}

/** What a lying client may say, and what the node answers. */
const LIES: readonly {
  readonly what: string;
  readonly kind: Kind;
  readonly head?: Partial<Head>;
  readonly fields?: Partial<Envelope>;
  readonly reason: string;
}[] = [
  { what: "a newer wire version", kind: Kind.request, fields: { wire: 2 }, reason: "wire_version" },
  {
    what: "a component that is not there",
    kind: Kind.request,
    head: { component: "nobody" },
    reason: "no_such_component",
  },
  { what: "a method that is not there", kind: Kind.request, head: { method: "nothing" }, reason: "no_such_method" },
  { what: "a version that is not there", kind: Kind.request, head: { version: "9.9.9" }, reason: "no_such_version" },
  { what: "an instance that is not there", kind: Kind.request, head: { instance: "x" }, reason: "no_such_instance" },
  {
    what: "another contract",
    kind: Kind.request,
    head: { fingerprint: "0123456789abcdef" },
    reason: "contract_mismatch",
  },
  {
    what: "another type of content",
    kind: Kind.request,
    head: { contentType: "text/plain" },
    reason: "contract_mismatch",
  },
  { what: "another mode", kind: Kind.request, head: { mode: "stream" }, reason: "mode_mismatch" },
  {
    what: "a kind that does not fit the mode",
    kind: Kind.streamOpen,
    fields: { idleMs: 1000 },
    reason: "mode_mismatch",
  },
  {
    what: "a stream without an idle deadline",
    kind: Kind.streamOpen,
    head: { method: "count", mode: "stream" },
    reason: "malformed",
  },
];

const LIE_CASES = LIES.map(
  ({ what, kind, head, fields, reason }): ConformanceCase => ({
    name: `bounces ${what} from a peer as ${reason}, and goes on`,
    async run(bench) {
      const { address, events } = await bench.serve();
      const liar = bench.side();
      const link = liar.transport.connect(address);
      const { carriesValues } = liar.transport;
      const lie = createEnvelope(kind, 1, { ...SAY, ...head });
      const truth = createEnvelope(Kind.request, 2, SAY);
      sendAll(liar.transport, link, [
        Object.assign(withBody(lie, "lie", carriesValues), fields),
        withBody(truth, "truth", carriesValues),
      ]);
      await liar.envelopes.atLeast(2);
      const [first, second] = liar.envelopes.items.map(({ envelope }) => envelope);
      expectSame(
        [first?.id, first?.failure?.reason, first?.failure?.definite],
        [1, reason, true],
        "the answer to the lie",
      );
      expectSame([second?.id, second?.failure], [2, undefined], "the answer to the truth");
      expectSame(
        events.items.map(({ value }) => value),
        ["truth"],
        "what ran",
      );
    },
  }),
);

/** Peers that lie or send rubbish: nobody else may notice. */
export const LIAR_CASES: readonly ConformanceCase[] = [
  ...LIE_CASES,
  {
    name: "bounces a message without a head as unknown_route",
    async run(bench) {
      const { address } = await bench.serve();
      const liar = bench.side();
      sendAll(liar.transport, liar.transport.connect(address), [
        createEnvelope(Kind.request, 1),
        createEnvelope(Kind.streamOpen, 2),
      ]);
      await liar.envelopes.atLeast(2);
      expectSame(
        liar.envelopes.items.map(({ envelope }) => [envelope.id, envelope.kind, envelope.failure?.reason]),
        [
          [1, Kind.reply, "unknown_route"],
          [2, Kind.streamEnd, "unknown_route"],
        ],
        "the answers",
      );
    },
  },
  {
    name: "ignores answers, cancels and credits that belong to nothing, and broadcasts for nobody",
    async run(bench) {
      const { address } = await bench.serve();
      const liar = bench.side();
      const link = liar.transport.connect(address);
      const strays = [Kind.reply, Kind.cancel, Kind.streamItem, Kind.streamCredit, Kind.streamEnd].map((kind) =>
        createEnvelope(kind, 7),
      );
      strays.push(
        createEnvelope(Kind.broadcast, 8),
        createEnvelope(Kind.broadcast, 9, { ...SAY, component: "nobody" }),
      );
      const truth = createEnvelope(Kind.request, 10, SAY);
      sendAll(liar.transport, link, [...strays, withBody(truth, "truth", liar.transport.carriesValues)]);
      await liar.envelopes.atLeast(1);
      expectSame(
        liar.envelopes.items.map(({ envelope }) => envelope.id),
        [10],
        "the answers",
      );
    },
  },
  {
    name: "survives an envelope of a kind that nobody knows",
    async run(bench) {
      const { address, events } = await bench.serve();
      const liar = bench.side();
      const link = liar.transport.connect(address);
      const truth = withBody(createEnvelope(Kind.request, 2, SAY), "truth", liar.transport.carriesValues);
      sendAll(liar.transport, link, [createEnvelope(99 as Kind, 1, SAY), truth]);
      await liar.envelopes.first(({ envelope }) => envelope.id === 2);
      expectSame(
        events.items.map(({ value }) => value),
        ["truth"],
        "what ran",
      );
    },
  },
  {
    name: "bounces a body that is none of its contract",
    skip: needsBytes("there is nothing to decode"),
    async run(bench) {
      const { address, events } = await bench.serve();
      const liar = bench.side();
      const request = createEnvelope(Kind.request, 1, SAY);
      request.bytes = patterned(50);
      sendAll(liar.transport, liar.transport.connect(address), [request]);
      const [got] = await liar.envelopes.atLeast(1);
      expectSame(got?.envelope.failure?.reason, "malformed", "the reason");
      expectSame(events.items, [], "what ran");
    },
  },
  {
    name: "drops control frames that are rubbish",
    async run(bench) {
      const { address } = await bench.serve();
      const liar = bench.side();
      const link = liar.transport.connect(address);
      sendAll(
        liar.transport,
        link,
        [0, 1, 50, 5000].map((size) => ({ plane: "control", bytes: patterned(size, 7) })),
      );
      expectSame(await bench.client([address]).client(Probe).say("still here"), "still here", "the reply");
      expect(liar.transport.send(link, plainEnvelope(1)) === "accepted", "the link of the liar to go on");
    },
  },
  {
    name: "ends the connection of a peer that sends rubbish, and no other",
    skip: needs("openRaw"),
    async run(bench) {
      const { address, listening } = await bench.serve();
      const probe = bench.client([address]).client(Probe);
      await probe.say("before");
      for (const rubbish of [patterned(1, 7), patterned(1000, 7), Uint8Array.of(0x12, 0xff, 0xff, 0xff, 0xff, 0x0f)]) {
        const raw = await bench.harness.openRaw?.(listening);
        raw?.sendPacket(rubbish);
        await raw?.ended;
        raw?.close();
      }
      expectSame(await probe.say("after"), "after", "the reply");
    },
  },
  {
    name: "takes the first answer to a call, and no other",
    async run(bench) {
      const server = await lyingServer(bench);
      const probe = bench.client([server.address]).client(Probe);
      const first = probe.say(1);
      const { link, id } = await server.request(1);
      server.answer(link, Kind.reply, id + 1000, "to nobody");
      server.answer(link, Kind.reply, id, "right");
      server.answer(link, Kind.reply, id, "again");
      expectSame(await first, "right", "the reply");
      const second = probe.say(2);
      const next = await server.request(2);
      expect(next.id !== id, "a new id");
      server.answer(next.link, Kind.reply, next.id, "second");
      expectSame(await second, "second", "the next reply");
    },
  },
  {
    name: "takes an answer only from the link that was asked",
    async run(bench) {
      const [asked, stranger] = [await lyingServer(bench), await lyingServer(bench)];
      const client = createClient({
        transports: [bench.harness.createTransport()],
        directory: createTableDirectory({
          "conformance.probe": [asked.address],
          "conformance.other": [stranger.address],
        }),
        clock: bench.clock,
      });
      const call = client.client(Probe).say("secret");
      const other = client.client(Other).say("hello");
      const [question, door] = [await asked.request(1), await stranger.request(1)];
      stranger.answer(door.link, Kind.reply, question.id, "forged");
      stranger.answer(door.link, Kind.reply, door.id, "hello");
      expectSame(await other, "hello", "the stranger's own answer");
      asked.answer(question.link, Kind.reply, question.id, "true");
      expectSame(await call, "true", "the reply");
      await client.stop();
    },
  },
  {
    name: "ends a stream whose source sends more than was asked for",
    async run(bench) {
      const server = await lyingServer(bench);
      const stream = bench.client([server.address]).client(Probe).count({ to: 100 }, { credit: 4 });
      const first = stream.next();
      const { link, id } = await server.request(1);
      for (let item = 1; item <= 20; item++) server.answer(link, Kind.streamItem, id, item);
      expectSame((await first).value, 1, "the first item");
      // A reader that took each item as it came would ask for as many more.
      await server.envelopes.first(({ envelope }) => envelope.kind === Kind.cancel && envelope.id === id);
      const rest = (async () => {
        for await (const _item of stream);
      })();
      await expectFailure(rest, { kind: "defect", reason: "stream_overrun", definite: false });
    },
  },
  {
    name: "takes a failure with words that nobody knows for the least it can mean",
    async run(bench) {
      const server = await lyingServer(bench);
      const call = bench.client([server.address]).client(Probe).say(1);
      const failure: WireFailure = {
        kind: "bounced",
        code: "no_such_code",
        reason: "no_such_reason",
        message: "Cannot",
        definite: false,
        where: "x",
        details: "{",
      };
      const { link, id } = await server.request(1);
      sendAll(server.transport, link, [Object.assign(createEnvelope(Kind.reply, id), { failure })]);
      const error = await expectFailure(call, { kind: "bounced", code: "unknown", reason: undefined, definite: false });
      expectSame(error.details, {}, "the details");
    },
  },
  {
    name: "ends a call whose reply is none of its contract as a defect",
    skip: needsBytes("there is nothing to decode"),
    async run(bench) {
      const server = await lyingServer(bench);
      const call = bench.client([server.address]).client(Probe).say(1);
      const { link, id } = await server.request(1);
      sendAll(server.transport, link, [Object.assign(createEnvelope(Kind.reply, id), { bytes: patterned(9) })]);
      await expectFailure(call, { kind: "defect", reason: "undecodable_reply" });
    },
  },
];
