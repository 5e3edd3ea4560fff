import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { captureTransport } from "./capture-transport.ts";
import { defineComponent } from "./component.ts";
import { createSeededRandom } from "./conformance/seeded-random.ts";
import { defineService } from "./contract-schema.ts";
import { DelegatingTransport } from "./delegating-transport.ts";
import { createTableDirectory } from "./directory.ts";
import { type Envelope, Kind } from "./envelope.ts";
import { json } from "./json-body.ts";
import type { LogEntry } from "./log.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { type ClientNodeOptions, createClient, createNode } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import type { SealOptions } from "./seal.ts";
import { hex, packetOf, readPacket } from "./testing/packets.ts";
import { createTestClock, settle, type TestClock } from "./testing/test-clock.ts";
import { testSeal } from "./testing/test-seal.ts";
import { isControl, type Link, type Message, type MessageListener, type SendResult } from "./transport.ts";
import type { CapturedPacket } from "./wire/capture.ts";

const MARKER = "zebra-crossing";
const Vault = defineService("vault", {
  put: { request: json<{ text: string }>(), reply: json<{ text: string }>() },
  take: { request: json<{ text: string }>(), reply: json<{ text: string }>() },
  note: { mode: "async", request: json<{ text: string }>() },
  list: { mode: "stream", request: json<{ text: string }>(), reply: json<{ at: number; text: string }>() },
  tell: { mode: "broadcast", request: json<{ text: string }>() },
});

const team: SealOptions = { known: [testSeal("team")], use: { "vault*": "team" }, insist: { vault: "team" } };

/** Changes what passes on one side: gives what goes on in the place of each message. */
interface Bend {
  readonly out?: (envelope: Envelope) => readonly Envelope[];
  readonly in?: (envelope: Envelope) => readonly Envelope[];
}

class BentTransport extends DelegatingTransport {
  readonly bend: Bend;

  constructor(inner: DelegatingTransport["inner"], bend: Bend) {
    super(inner);
    this.bend = bend;
  }

  override send(link: Link, message: Message): SendResult {
    if (isControl(message) || this.bend.out === undefined) return super.send(link, message);
    message.left = true;
    for (const one of this.bend.out({ ...message })) super.send(link, one);
    return "accepted";
  }

  override onMessage(listener: MessageListener): void {
    super.onMessage((link, message) => {
      if (isControl(message) || this.bend.in === undefined) listener(link, message);
      else for (const one of this.bend.in({ ...message })) listener(link, one);
    });
  }
}

interface SetUp {
  readonly server?: SealOptions | undefined;
  readonly client?: SealOptions | undefined;
  readonly bend?: Bend;
  readonly bodies?: "bytes" | "values";
  readonly clock?: TestClock;
  readonly options?: Partial<ClientNodeOptions>;
}

/** A vault in one node and a client of it in another, with all that passes between them. */
async function join(setUp: SetUp = {}) {
  const { bend = {}, bodies = "bytes", clock = createTestClock() } = setUp;
  const hub = createMemoryHub();
  const taken: string[] = [];
  const lines: LogEntry[] = [];
  const captured: CapturedPacket[] = [];
  const log = (line: LogEntry) => void lines.push(line);
  const random = createSeededRandom(1);
  const vault = defineComponent(Vault, () => ({
    put({ text }) {
      taken.push(`put ${text}`);
      if (text === "") throw new OrreryError("not_found", `no ${MARKER}`, { details: { secret: MARKER } });
      if (text === "unfit") return { text: 1n as unknown as string };
      return { text };
    },
    take: ({ text }) => ({ text: `took ${text}` }),
    note: ({ text }) => void taken.push(`note ${text}`),
    async *list({ text }) {
      for (let at = 0; at < 5; at++) yield { at, text };
      if (text === "") throw new OrreryError("aborted", MARKER);
    },
    tell: ({ text }) => void taken.push(`tell ${text}`),
  }));
  const seals = (of: "server" | "client") => ({ seals: of in setUp ? setUp[of] : team });
  const node = createNode({
    ...({ name: "hall", clock, random, log, ...seals("server") } as ClientNodeOptions),
    components: [vault],
    transports: [hub.transport({ bodies, clock })],
    listen: ["memory://hall"],
  });
  await node.start();
  const captures = captureTransport(hub.transport({ bodies, clock }), { clock, sink: (one) => captured.push(one) });
  const client = createClient({
    ...({
      name: "desk",
      clock,
      random,
      log,
      incarnation: 7,
      ...seals("client"),
      ...setUp.options,
    } as ClientNodeOptions),
    transports: [new BentTransport(captures, bend)],
    directory: createTableDirectory({ vault: ["memory://hall"] }),
  });
  const seen = () => captured.map(({ packet }) => Buffer.from(packet).toString("latin1")).join("");
  const stop = async () => void (await Promise.all([client.stop(), node.stop({ timeoutMs: 0 })]));
  return { client, node, taken, lines, clock, seen, captured, stop, vault: client.client(Vault) };
}

/** How a call ended, in a few words. */
async function ending(call: PromiseLike<unknown>): Promise<string> {
  const outcome = await outcomeOf(call as Promise<unknown>);
  if (outcome.kind === "reply") return JSON.stringify(outcome.value);
  return `${outcome.kind} ${outcome.error.reason ?? outcome.error.code} ${outcome.definite}`;
}

async function readAll<T>(stream: AsyncIterable<T>, items: T[] = []): Promise<T[]> {
  for await (const item of stream) items.push(item);
  return items;
}

async function useAll({ client, vault, taken }: Awaited<ReturnType<typeof join>>): Promise<void> {
  const secret = { text: MARKER };
  assert.deepEqual(await vault.put(secret), secret);
  assert.deepEqual(
    await readAll(vault.list(secret, { credit: 2 })),
    [0, 1, 2, 3, 4].map((at) => ({ at, text: MARKER })),
  );
  await client.send(Vault).note(secret).accepted;
  client.publish(Vault).tell(secret);
  for (const text of ["", "unfit"]) {
    const outcome = await outcomeOf(vault.put({ text }));
    assert.notEqual(outcome.kind, "reply");
    if (text !== "" || outcome.kind === "reply") continue;
    assert.equal(outcome.error.message, `no ${MARKER}`);
    assert.deepEqual([outcome.error.code, outcome.error.details], ["not_found", { secret: MARKER }]);
  }
  const items: unknown[] = [];
  await assert.rejects(readAll(vault.list({ text: "" }), items), { code: "aborted", message: MARKER });
  assert.equal(items.length, 5);
  await settle();
  assert.deepEqual(taken, [`put ${MARKER}`, `note ${MARKER}`, `tell ${MARKER}`, "put ", "put unfit"]);
}

test("createSeals keeps every body and every declared error from who sees the wire, in every mode", async () => {
  const joined = await join();
  await useAll(joined);
  assert.ok(joined.captured.length > 20 && joined.seen().includes("vault"));
  assert.ok(!joined.seen().includes(MARKER));
  const sealed = joined.lines.filter((line) => JSON.stringify(line).includes(MARKER));
  assert.deepEqual(sealed, []);
  await joined.stop();
});

test("createSeals leaves alone what no rule names", async () => {
  const joined = await join({ client: { known: [testSeal("team")], use: { "other.*": "team" } }, server: undefined });
  await useAll(joined);
  assert.ok(joined.seen().includes(MARKER));
  await joined.stop();
});

test("createSeals seals nothing within a process, and insists on nothing there", async () => {
  let calls = 0;
  const counted = { ...testSeal("team"), seal: () => assert.fail(`sealed ${++calls}`) };
  const seals = { ...team, known: [counted] };
  const overValues = await join({ server: seals, client: seals, bodies: "values" });
  await useAll(overValues);
  await overValues.stop();
  const Echo = defineService("vault", { put: { request: json<{ text: string }>(), reply: json<{ text: string }>() } });
  const echo = defineComponent(Echo, () => ({ put: ({ text }) => ({ text }) }));
  for (const local of ["copy", "encode"] as const) {
    const node = createNode({ components: [echo], seals, local });
    await node.start();
    assert.deepEqual(await node.client(Echo).put({ text: "a" }), { text: "a" });
    await node.stop();
  }
});

const refused: readonly [string, Partial<SetUp>, string][] = [
  [
    "that is not sealed, where it insists",
    { client: undefined },
    'unsealed: Cannot accept "vault.put": it is not sealed, node "hall" takes it sealed by "team" only',
  ],
  [
    "of a seal it does not know",
    { server: { known: [testSeal("a"), testSeal("b")] } },
    'bad_seal: Cannot open "vault.put": it is sealed by "team", node "hall" knows "a", "b"',
  ],
  [
    "where it has no seals",
    { server: undefined },
    'bad_seal: Cannot open "vault.put": it is sealed by "team", node "hall" knows no seals',
  ],
  [
    "of another seal than it wants",
    { server: { known: [testSeal("team"), testSeal("b")], insist: { "*": "b" } } },
    'bad_seal: Cannot open "vault.put": it is sealed by "team", node "hall" takes it sealed by "b" only',
  ],
  [
    "sealed with another key",
    { server: { ...team, known: [testSeal("team", "another")] } },
    'bad_seal: Cannot open "vault.put": its body was changed or moved on its way, or sealed with a key that node "hall" does not have',
  ],
];

for (const [name, setUp, text] of refused) {
  test(`admitSealed bounces a message ${name}`, async () => {
    const joined = await join(setUp);
    const { vault, client } = joined;
    const secret = { text: MARKER };
    const outcome = await outcomeOf(vault.put(secret));
    assert.ok(outcome.kind === "bounced" && outcome.definite);
    assert.equal(`${outcome.error.reason}: ${outcome.error.message}`, text);
    const [reason] = text.split(":");
    assert.equal(await ending(client.send(Vault).note(secret).accepted), `bounced ${reason} true`);
    await assert.rejects(readAll(vault.list(secret)), { reason });
    client.publish(Vault).tell(secret);
    await settle();
    assert.deepEqual(joined.taken, []);
    assert.ok(!JSON.stringify(joined.lines).includes(MARKER));
    await joined.stop();
  });
}

const moved: readonly [string, (envelope: Envelope) => Envelope][] = [
  ["another method", (one) => ({ ...one, head: one.head && { ...one.head, method: "take" } })],
  ["another agent", (one) => ({ ...one, head: one.head && { ...one.head, agent: "eve" } })],
  ["another idempotency key", (one) => ({ ...one, idempotencyKey: "k" })],
  ["another kind of message", (one) => ({ ...one, kind: Kind.oneWay })],
  ["another message of its sender", (one) => ({ ...one, id: one.id + 100 })],
  ["another message, as its sender would number it", (one) => ({ ...one, seal: one.seal && { ...one.seal, id: 9 } })],
  ["another life of its sender", (one) => ({ ...one, seal: one.seal && { ...one.seal, incarnation: 8 } })],
];

for (const [name, change] of moved) {
  test(`admitSealed refuses a body that was moved to ${name}`, async () => {
    const reasons: string[] = [];
    const bend: Bend = {
      out: (one) => [change(one)],
      in: (one) => {
        reasons.push(`${one.failure?.kind} ${one.failure?.reason} ${one.failure?.definite}`);
        return [one];
      },
    };
    const joined = await join({ bend });
    const call = ending(joined.vault.put({ text: MARKER }, { timeoutMs: 100 }));
    await joined.clock.advance(200);
    assert.notEqual(await call, JSON.stringify({ text: MARKER }));
    assert.deepEqual(reasons, ["bounced bad_seal true"]);
    assert.deepEqual(joined.taken, []);
    await joined.stop();
  });
}

/** Bends answers, which are numbered from 0 as they come in. */
function answers(change: (envelope: Envelope, at: number) => readonly Envelope[]): Bend {
  let count = 0;
  return { in: (one) => change(one, count++) };
}

test("createSealing takes no answer for another: calls, places of items, kinds", async () => {
  const held: Envelope[] = [];
  const swapped = await join({
    bend: answers((one) => {
      held.push(one);
      const [first, second] = held;
      if (first === undefined || second === undefined) return [];
      return [
        { ...first, id: second.id },
        { ...second, id: first.id },
      ];
    }),
  });
  const both = ["a", "b"].map((text) => ending(swapped.vault.put({ text })));
  assert.deepEqual(await Promise.all(both), Array(2).fill("defect bad_seal_reply false"));
  await swapped.stop();
  const bends: readonly [number, (one: Envelope, at: number) => readonly Envelope[]][] = [
    [1, (one, at) => (at === 1 ? [] : [one])], // One of the items is gone.
    [2, (one, at) => (at === 1 ? [one, one] : [one])], // One comes twice.
    [2, (one, at) => (at === 2 ? [{ ...one, kind: Kind.streamEnd }] : [one])],
    [2, (one, at) => (at === 2 ? [{ ...one, kind: Kind.streamEnd, seal: undefined }] : [one])],
    [5, (one, at) => (at === 5 ? [{ ...one, seal: undefined, bytes: new Uint8Array(0) }] : [one])],
    [2, (one, at) => (at === 2 ? [{ ...one, seal: one.seal && { ...one.seal, name: "other" } }] : [one])],
  ];
  for (const [count, bend] of bends) {
    const joined = await join({ bend: answers(bend) });
    const items: unknown[] = [];
    await assert.rejects(readAll(joined.vault.list({ text: "x" }), items), {
      reason: "bad_seal_reply",
      kind: "defect",
    });
    assert.equal(items.length, count);
    await joined.stop();
  }
});

const forged: readonly [string, Partial<Envelope>][] = [
  ["an answer that is not sealed", { seal: undefined, bytes: new TextEncoder().encode('{"text":"forged"}') }],
  ["the acceptance of another kind of message", { seal: undefined, bytes: new Uint8Array(0) }],
  [
    "an error that the component did not declare",
    {
      seal: undefined,
      failure: {
        kind: "error",
        code: "aborted",
        reason: "",
        message: "forged",
        definite: true,
        where: "",
        details: "",
      },
    },
  ],
  [
    "a failure in the place of an answer",
    {
      failure: {
        kind: "error",
        code: "aborted",
        reason: "",
        message: "forged",
        definite: true,
        where: "",
        details: "",
      },
    },
  ],
];

for (const [name, change] of forged) {
  test(`createSealing does not take ${name}`, async () => {
    const joined = await join({ bend: answers((one) => [{ ...one, ...change }]) });
    assert.equal(await ending(joined.vault.put({ text: "x" })), "defect bad_seal_reply false");
    await joined.stop();
  });
}

test("createSealing does not take a sealed failure for an answer", async () => {
  const joined = await join({ bend: answers((one) => [{ ...one, failure: undefined }]) });
  assert.equal(await ending(joined.vault.put({ text: "" })), "defect bad_seal_reply false");
  await joined.stop();
});

test("createSealing takes what carriers and gateways say of a sealed call, which have no key", async () => {
  const failure = {
    kind: "bounced",
    code: "unavailable",
    reason: "draining",
    message: "m",
    definite: true,
    where: "gw",
    details: "",
  } as const;
  const joined = await join({ bend: answers((one) => [{ ...one, seal: undefined, bytes: undefined, failure }]) });
  assert.equal(await ending(joined.vault.put({ text: "x" })), "bounced draining true");
  await joined.stop();
});

/** Writes a message as a packet, with one of its bytes changed, and reads it again; nothing when it cannot be read. */
function flipped(envelope: Envelope, at: number): readonly Envelope[] {
  const packet = packetOf([envelope], { nowMs: 1000 });
  const bent = packet.slice();
  bent[at] = (bent[at] as number) ^ 0x55;
  try {
    return readPacket(bent, { nowMs: 1000 }).envelopes;
  } catch {
    return []; // Its connection ends.
  }
}

for (const way of ["out", "in"] as const) {
  test(`createSealing never gives a wrong value, whichever byte is changed on its way ${way}`, async () => {
    let size = 1;
    const endings = new Map<string, number>();
    for (let at = 0; at < size; at++) {
      const bend = (one: Envelope) => {
        if (way === "in" && one.kind !== Kind.reply) return [one];
        size = packetOf([one], { nowMs: 1000 }).length;
        return flipped(one, at);
      };
      const joined = await join({ bend: { [way]: bend } });
      const call = ending(joined.vault.put({ text: MARKER }, { timeoutMs: 100 }));
      await joined.clock.advance(200);
      const end = await call;
      endings.set(end, (endings.get(end) ?? 0) + 1);
      for (const one of joined.taken) assert.equal(one, `put ${MARKER}`, `byte ${at}`);
      await joined.stop();
    }
    assert.ok(size > 60, `${size} bytes`);
    const good = JSON.stringify({ text: MARKER });
    const kinds = /^(bounced|defect|timeout|unreachable) \w+ (true|false)$/;
    for (const end of endings.keys()) assert.ok(end === good || kinds.test(end), end);
    const bad = way === "out" ? "bounced bad_seal true" : "defect bad_seal_reply false";
    assert.ok((endings.get(bad) ?? 0) >= 40, JSON.stringify([...endings]));
  });
}

test("openSealed and createSealing give back any body, and keep what a newer peer added", async () => {
  const unknown: (Uint8Array | undefined)[] = [];
  const extra = new Uint8Array([0xa2, 0x06, 2, 1, 2]);
  const out = (one: Envelope) =>
    readPacket(packetOf([{ ...one, unknown: extra }], { nowMs: 1000 }), { nowMs: 1000 }).envelopes.map((again) => {
      unknown.push(again.unknown);
      return again;
    });
  const joined = await join({ bend: { out } });
  const property = fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 400 }), async (text) => {
    if (text === "unfit") return;
    assert.deepEqual(await joined.vault.put({ text }), { text });
    assert.deepEqual(
      await readAll(joined.vault.list({ text })),
      [0, 1, 2, 3, 4].map((at) => ({ at, text })),
    );
  });
  await fc.assert(property, { numRuns: 60 });
  assert.ok(unknown.length >= 120 && unknown.every((one) => one !== undefined && hex(one) === hex(extra)));
  await joined.stop();
});

const wrong: readonly [string, SealOptions, RegExp][] = [
  ["two seals of one name", { known: [testSeal("a"), testSeal("a", "b")] }, /with seal "a": another has that name/],
  ["a name with a blank", { known: [testSeal("a b")] }, /with seal "a b": a name has 1 to 64 letters/],
  [
    "a rule with a seal that is not there",
    { known: [testSeal("a")], use: { "x.*": "b" } },
    /seal "b" for "x\.\*": it knows "a"$/,
  ],
  ["a wish for a seal that is not there", { known: [], insist: { x: "b" } }, /seal "b" for "x": it knows none$/],
];

for (const [name, seals, message] of wrong) {
  test(`createSeals refuses ${name}`, () => {
    assert.throws(() => createNode({ name: "n", components: [], seals }), { code: "invalid_argument", message });
  });
}
