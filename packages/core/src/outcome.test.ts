import assert from "node:assert/strict";
import { test } from "node:test";
import { type Component, defineComponent } from "./component.ts";
import { contractOf } from "./contract.ts";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import { createEnvelope, type Envelope, type Head, Kind } from "./envelope.ts";
import type { NodeLimits, RefusalCheck } from "./guard.ts";
import { createSegmentedJournal } from "./journal/segmented-journal.ts";
import { bytes, json } from "./json-body.ts";
import { BODY_BYTES_MAX } from "./limits.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createClient, createNode } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { REASONS, type Reason, type ReasonMeaning } from "./reasons.ts";
import type { SealOptions } from "./seal.ts";
import { createGate } from "./testing/gate.ts";
import { createHandTransport, replyTo } from "./testing/hand-transport.ts";
import { createMemoryFiles } from "./testing/memory-journal.ts";
import { anyService } from "./testing/services.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";
import { testSeal } from "./testing/test-seal.ts";
import { failureFromWire } from "./wire-failure.ts";

const Any = anyService("any");
const Blob = defineService("blob", { store: { request: bytes, reply: json<number>() } });
const Kept = defineService("kept", { note: { mode: "async", keep: true, request: json<number>() } });
const team = testSeal("team");
const List = defineService("list", { all: { mode: "stream", request: json<number>(), reply: json<number>() } });

async function errorOf(call: Promise<unknown>): Promise<OrreryError> {
  const outcome = await outcomeOf(call);
  return outcome.kind === "reply" ? assert.fail("replied") : outcome.error;
}

/** A client whose network is the test. */
function far(leaves = true, limits: NodeLimits = {}) {
  const clock = createTestClock();
  const transport = createHandTransport();
  transport.leaves = leaves;
  const directory = createTableDirectory({ any: ["hand://far"], list: ["hand://far"] });
  const node = createClient({
    name: "here",
    clock,
    directory,
    transports: [transport],
    deadlineStepMs: 1,
    limits: { seat: () => limits },
  });
  return { clock, transport, node, link: transport.link("hand://far") };
}

/** Limits that refuse every way. */
function refusing(check: RefusalCheck, beyond: "bounce" | "drop"): NodeLimits {
  const refusal = { check, beyond, why: () => "failed 5 times in a row" };
  return {
    guard: { refusal: () => refusal, took: () => undefined, ended: () => undefined, refused: () => undefined },
  };
}

async function here(
  component: Component,
  use: (world: Awaited<ReturnType<typeof startTestNode>>) => Promise<OrreryError>,
) {
  const world = await startTestNode([component]);
  try {
    return await use(world);
  } finally {
    const stopped = world.node.stop({ timeoutMs: 0 });
    await world.clock.advance(0);
    await stopped;
  }
}

const echo = defineComponent(Any, () => ({ call: (request) => request }), { version: "1.0.0" });
const hang = defineComponent(Any, () => ({ call: () => new Promise(() => undefined) }));

/** What a node answers to a message that a peer of another make sends. */
async function answerTo(
  change: (envelope: Envelope, head: Head) => Envelope,
  agents?: ReadonlySet<string>,
): Promise<OrreryError> {
  const transport = createHandTransport();
  const { node } = await startTestNode([echo], { transports: [transport] });
  const link = transport.comeIn("hand://peer");
  link.agents = agents;
  const method = contractOf(Any).methods.get("call") ?? assert.fail("no method");
  const head: Head = {
    component: "any",
    method: "call",
    version: "",
    fingerprint: method.fingerprint,
    mode: "sync",
    contentType: "application/json",
    instance: "",
    source: { node: "peer", instance: "", incarnation: 1 },
    agent: "someone",
    horizon: undefined,
    resource: "",
  };
  const envelope = createEnvelope(Kind.request, 5, head);
  envelope.bytes = new TextEncoder().encode("1");
  transport.arrive(link, change(envelope, head));
  const reply = transport.sent.find(({ kind }) => kind === Kind.reply);
  await node.stop();
  return failureFromWire(reply?.failure ?? assert.fail("answered with a reply"));
}

const withHead = (change: Partial<Head>) => (envelope: Envelope, head: Head) => ({
  ...envelope,
  head: { ...head, ...change },
});

interface Case {
  readonly reason: Reason;
  readonly text: string | RegExp;
  readonly make: () => Promise<OrreryError>;
}

const cases: readonly Case[] = [
  {
    reason: "timeout",
    text: 'Cannot finish "any.call": no answer within 50 ms',
    make: async () => {
      const { node, clock } = far();
      const call = errorOf(node.client(Any).call(1, { timeoutMs: 50 }));
      await clock.advance(50);
      return call;
    },
  },
  {
    reason: "expired",
    text: 'Cannot start "any.call": its time was over when its turn came',
    make: async () => {
      const gate = createGate();
      const component = defineComponent(Any, () => ({ call: () => gate.passed }));
      return here(component, async ({ node, clock }) => {
        const first = node.client(Any).call(1);
        const late = errorOf(node.client(Any).call(2, { timeoutMs: 50 }));
        clock.skip(50);
        gate.open();
        await first;
        return late;
      });
    },
  },
  {
    reason: "cancelled",
    text: 'Cannot finish "any.call": its caller gave up',
    make: async () => {
      const give = new AbortController();
      const call = errorOf(far().node.client(Any).call(1, { signal: give.signal }));
      give.abort();
      return call;
    },
  },
  {
    reason: "withdrawn",
    text: 'Cannot call "call": its signal had aborted before',
    make: () => errorOf(far().node.client(Any).call(1, { signal: AbortSignal.abort() })),
  },
  {
    reason: "withdrawn",
    text: 'Cannot finish "any.call": its caller gave up',
    make: async () => {
      const give = new AbortController();
      const call = errorOf(far(false).node.client(Any).call(1, { signal: give.signal }));
      give.abort();
      return call;
    },
  },
  {
    reason: "withdrawn",
    text: 'Cannot open stream "all": its signal had aborted before',
    make: () => errorOf(far().node.client(List).all(1, { signal: AbortSignal.abort() }).next()),
  },
  {
    reason: "closed",
    text: 'Cannot finish "any.call": node "here" closed',
    make: async () => {
      const { node } = far();
      const call = errorOf(node.client(Any).call(1));
      await node.stop();
      return call;
    },
  },
  {
    reason: "not_connected",
    text: 'Cannot reach "hand://far" for "any.call": nothing could be sent within 50 ms',
    make: async () => {
      const { node, clock } = far(false);
      const call = errorOf(node.client(Any).call(1, { timeoutMs: 50 }));
      await clock.advance(50);
      return call;
    },
  },
  {
    reason: "not_connected",
    text: 'Cannot reach "hand://far" for stream "all": nothing could be sent within 70 ms',
    make: async () => {
      const { node, clock } = far(false);
      const call = errorOf(node.client(List).all(1, { idleMs: 70 }).next());
      await clock.advance(70);
      return call;
    },
  },
  {
    reason: "connection_lost",
    text: 'Cannot finish "any.call": the connection to "hand://far" was lost (cut)',
    make: async () => {
      const { node, transport, link } = far();
      const call = errorOf(node.client(Any).call(1));
      transport.lose(link);
      return call;
    },
  },
  {
    reason: "no_such_component",
    text: 'Cannot call component "else": it does not run here and the directory has "any", "list"',
    make: () => errorOf(far().node.client(anyService("else")).call(1)),
  },
  {
    reason: "no_such_component",
    text: 'Cannot call component "else": it does not run here and the directory is empty',
    make: () => errorOf(createClient({ name: "here" }).client(anyService("else")).call(1)),
  },
  {
    reason: "no_such_component",
    text: 'Cannot call component "else": node "here" has "any"',
    make: () => answerTo(withHead({ component: "else" })),
  },
  {
    reason: "no_such_method",
    text: 'Cannot call "any.fly": its methods are call',
    make: () => answerTo(withHead({ method: "fly" })),
  },
  {
    reason: "no_such_version",
    text: 'Cannot call "any@2.0.0": only version 1.0.0 is here',
    make: () => here(echo, ({ node }) => errorOf(node.client(Any).call(1, { version: "2.0.0" }))),
  },
  {
    reason: "no_such_instance",
    text: 'Cannot call instance "any.0-x" of "any": it is not here, it may have restarted',
    make: () => here(echo, ({ node }) => errorOf(node.client(Any).call(1, { instance: "any.0-x" }))),
  },
  {
    reason: "contract_mismatch",
    text: /^Cannot call "any\.call": the caller's contract has fingerprint 0123456789abcdef, this one [0-9a-f]{16}; generate both from the same contract$/,
    make: () => answerTo(withHead({ fingerprint: "0123456789abcdef" })),
  },
  {
    reason: "contract_mismatch",
    text: 'Cannot call "any.call": its body is "text/plain", the contract says "application/json"',
    make: () => answerTo(withHead({ fingerprint: "", contentType: "text/plain" })),
  },
  {
    reason: "mode_mismatch",
    text: 'Cannot call "any.call" as async: its mode is sync',
    make: () => answerTo(withHead({ mode: "async" })),
  },
  {
    reason: "mode_mismatch",
    text: 'Cannot call "any.call" as stream: its mode is sync',
    make: streamAnswer,
  },
  {
    reason: "malformed",
    text: 'Cannot send "body.at": a Date is not plain data, pass its fields',
    make: () => here(echo, ({ node }) => errorOf(node.client(Any).call({ at: new Date(0) }))),
  },
  {
    reason: "malformed",
    text: /^Cannot read the JSON body: /,
    make: () => answerTo((envelope) => ({ ...envelope, bytes: new TextEncoder().encode("{") })),
  },
  {
    reason: "too_large",
    text: `Cannot send "store": its body has ${BODY_BYTES_MAX + 1} bytes, the limit is ${BODY_BYTES_MAX}`,
    make: async () => {
      const component = defineComponent(Blob, () => ({ store: (body) => body.length }));
      const { node } = await startTestNode([component], { local: "encode" });
      assert.equal(await node.client(Blob).store(new Uint8Array(BODY_BYTES_MAX)), BODY_BYTES_MAX);
      return errorOf(node.client(Blob).store(new Uint8Array(BODY_BYTES_MAX + 1)));
    },
  },
  {
    reason: "wire_version",
    text: "Cannot read message 5: it is of wire version 2, this node reads up to 1",
    make: () => answerTo((envelope) => ({ ...envelope, wire: 2 })),
  },
  {
    reason: "unknown_route",
    text: "Cannot accept message 5: it has no head and no route declared on its connection, send the head again",
    make: () => answerTo((envelope) => ({ ...envelope, head: undefined })),
  },
  {
    reason: "overloaded",
    text: 'Cannot call "any.call": the queue to "hand://far" is full, slow down or wait',
    make: async () => {
      const { node, transport } = far();
      transport.result = "overloaded";
      return errorOf(node.client(Any).call(1));
    },
  },
  {
    reason: "draining",
    text: 'Cannot accept "any.call": node "here" is shutting down',
    make: async () => {
      const { node } = await startTestNode([hang]);
      void outcomeOf(node.client(Any).call(1));
      void node.stop();
      return errorOf(node.client(Any).call(2));
    },
  },
  {
    reason: "not_ready",
    text: /^Cannot call "any\.call": no instance is ready \("any\.0-\w+" is failed, it crashed, broken\)$/,
    make: () => {
      const component = defineComponent(Any, (instance) => {
        instance.onCrash(() => new Promise(() => undefined));
        return { call: () => instance.crash("broken") as unknown };
      });
      return here(component, async ({ node }) => {
        await outcomeOf(node.client(Any).call(1));
        return errorOf(node.client(Any).call(2));
      });
    },
  },
  {
    reason: "call_cycle",
    text: /^Cannot call "any\.call": the call comes back to an instance that waits for it, any\.0-\w+ > any\.0-\w+$/,
    make: async () => {
      let inner: OrreryError | undefined;
      const component = defineComponent(Any, () => ({
        call: async (_, context) => {
          inner = await errorOf(context.client(Any).call(1));
        },
      }));
      return here(component, async ({ node }) => {
        await node.client(Any).call(1);
        return inner ?? assert.fail("no error");
      });
    },
  },
  {
    reason: "call_too_deep",
    text: 'Cannot call "any.call": the chain of calls has 32 instances, the limit is 32',
    make: async () => {
      let inner: OrreryError | undefined;
      const component = defineComponent(
        Any,
        () => ({
          call: async (_, context) => {
            const outcome = await outcomeOf(context.client(Any).call(1));
            if (outcome.kind !== "reply") inner ??= outcome.error;
          },
        }),
        { instances: 40 },
      );
      return here(component, async ({ node }) => {
        await node.client(Any).call(1);
        return inner ?? assert.fail("no error");
      });
    },
  },
  {
    reason: "horizon_exceeded",
    text: 'Cannot call "any.call": its horizon is the process, and every place lies beyond',
    make: () => errorOf(far().node.client(Any).call(1, { horizon: "process" })),
  },
  {
    reason: "circuit_open",
    text: 'Cannot call "any.call": "hand://far" failed 5 times in a row',
    make: () => errorOf(far(true, refusing("breaker", "bounce")).node.client(Any).call(1)),
  },
  {
    reason: "throttled",
    text: 'Cannot call "any.call": "hand://far" failed 5 times in a row',
    make: () => errorOf(far(true, refusing("throttle", "bounce")).node.client(Any).call(1)),
  },
  {
    reason: "dropped",
    text: 'Cannot call "any.call": its horizon is the process, and every place lies beyond',
    make: () =>
      errorOf(
        far()
          .node.client(Any)
          .call(1, { horizon: { scope: "process", beyond: "drop" } }),
      ),
  },
  {
    reason: "agent_refused",
    text: 'Cannot accept a message for agent "someone": the connection from "hand://peer" may not speak for it',
    make: () => answerTo((envelope) => envelope, new Set(["other"])),
  },
  {
    reason: "unsealed",
    text: 'Cannot accept "any.call": it is not sealed, node "far" takes it sealed by "team" only',
    make: () => sealedCall({ server: { known: [team], insist: { any: "team" } } }),
  },
  {
    reason: "bad_seal",
    text: 'Cannot open "any.call": it is sealed by "team", node "far" knows no seals',
    make: () => sealedCall({ client: { known: [team], use: { any: "team" } } }),
  },
  {
    reason: "handler_threw",
    text: 'Cannot finish "any.call": its handler failed, the log of its node tells why',
    make: () => {
      const component = defineComponent(Any, () => ({
        call: () => {
          throw new TypeError("secret detail");
        },
      }));
      return here(component, ({ node }) => errorOf(node.client(Any).call(1)));
    },
  },
  {
    reason: "bad_reply",
    text: 'Cannot send the reply of "any.call": Cannot send "body.id": a bigint is not plain data, pass it as a string',
    make: () =>
      here(
        defineComponent(Any, () => ({ call: () => ({ id: 1n }) })),
        ({ node }) => errorOf(node.client(Any).call(1)),
      ),
  },
  {
    reason: "undecodable_reply",
    text: /^Cannot read the reply of "call": Cannot read the JSON body: /,
    make: async () => {
      const { node, transport, link } = far();
      const call = errorOf(node.client(Any).call(1));
      transport.arrive(link, replyTo(transport.sent[0]?.id ?? 0, new TextEncoder().encode("{")));
      return call;
    },
  },
  {
    reason: "bad_seal_reply",
    text: 'Cannot read the answer of "any.call": it is not sealed by "team" for this call, or was changed on its way',
    make: () =>
      sealedCall({
        server: { known: [{ ...team, seal: testSeal("team", "another").seal }] },
        client: { known: [team], use: { any: "team" } },
      }),
  },
  {
    reason: "instance_crashed",
    text: /^Cannot finish at "any\.0-\w+": it crashed$/,
    make: () => {
      const component = defineComponent(Any, (instance) => ({ call: () => instance.crash("broken") as unknown }));
      return here(component, ({ node }) => errorOf(node.client(Any).call(1)));
    },
  },
  {
    reason: "stopped",
    text: /^Cannot finish at "any\.0-\w+": it stopped after draining for 5 ms$/,
    make: async () => {
      const { node, clock } = await startTestNode([hang]);
      const call = errorOf(node.client(Any).call(1));
      const stopped = node.stop({ timeoutMs: 5 });
      await clock.advance(5);
      await stopped;
      return call;
    },
  },
  {
    reason: "not_kept",
    text: /input\/output error/,
    make: async () => {
      const sync = () => Promise.reject(new Error("input/output error"));
      const journal = createSegmentedJournal({ files: { ...createMemoryFiles(), sync } });
      const component = defineComponent(Kept, () => ({ note: () => undefined }));
      const { node } = await startTestNode([component], { journal });
      return errorOf(node.send(Kept).note(1).accepted);
    },
  },
  {
    reason: "stream_idle",
    text: 'Cannot go on with stream "all": nothing came for 70 ms',
    make: async () => {
      const { node, clock } = far();
      const call = errorOf(node.client(List).all(1, { idleMs: 70 }).next());
      await clock.advance(70);
      return call;
    },
  },
  {
    reason: "stream_overrun",
    text: 'Cannot read stream "all": more than the 1 items that were asked for came',
    make: async () => {
      const { node, transport, link } = far();
      const stream = node.client(List).all(1, { credit: 1 });
      const first = stream.next();
      const id = transport.sent[0]?.id ?? 0;
      for (const value of ["1", "2", "3"]) {
        const item = createEnvelope(Kind.streamItem, id);
        item.bytes = new TextEncoder().encode(value);
        transport.arrive(link, item);
      }
      await first;
      await settle();
      return errorOf(drain(stream));
    },
  },
];

/** A call between two nodes over bytes, of which each has seals or none. */
async function sealedCall({ server, client }: { server?: SealOptions; client?: SealOptions }): Promise<OrreryError> {
  const hub = createMemoryHub();
  const transports = () => [hub.transport({ bodies: "bytes" })];
  const far = createNode({
    name: "far",
    components: [echo],
    transports: transports(),
    listen: ["memory://far"],
    ...(server && { seals: server }),
  });
  await far.start();
  const directory = createTableDirectory({ any: ["memory://far"] });
  const here = createClient({ transports: transports(), directory, ...(client && { seals: client }) });
  try {
    return await errorOf(here.client(Any).call(1));
  } finally {
    await here.stop();
    await far.stop();
  }
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** As `answerTo`, for a stream, which is answered by its end. */
async function streamAnswer(): Promise<OrreryError> {
  const transport = createHandTransport();
  const { node } = await startTestNode([echo], { transports: [transport] });
  const link = transport.comeIn("hand://peer");
  const method = contractOf(Any).methods.get("call") ?? assert.fail("no method");
  const opening = createEnvelope(Kind.streamOpen, 5, {
    component: "any",
    method: "call",
    version: "",
    fingerprint: method.fingerprint,
    mode: "sync",
    contentType: "application/json",
    instance: "",
    source: { node: "peer", instance: "", incarnation: 1 },
    agent: "",
    horizon: undefined,
    resource: "",
  });
  opening.idleMs = 5;
  transport.arrive(link, opening);
  await node.stop();
  const end = transport.sent.find(({ kind }) => kind === Kind.streamEnd);
  return failureFromWire(end?.failure ?? assert.fail("no end"));
}

for (const { reason, text, make } of cases) {
  test(`outcomeOf tells ${reason}: ${text}`, async () => {
    const error = await make();
    const { kind, code, definite }: ReasonMeaning = REASONS[reason];
    if (typeof text === "string") assert.equal(error.message, text);
    else assert.match(error.message, text);
    assert.deepEqual(
      { reason: error.reason, kind: error.kind, code: error.code, definite: error.definite },
      { reason, kind, code, definite },
    );
  });
}

test("outcomeOf has told every reason of the table in these tests", () => {
  assert.deepEqual([...new Set(cases.map(({ reason }) => reason))], Object.keys(REASONS));
});

test("outcomeOf gives a reply as a value", async () => {
  assert.deepEqual(await outcomeOf(Promise.resolve(7)), { kind: "reply", definite: true, value: 7 });
});

test("outcomeOf gives an error that a component declared, with its code and details", async () => {
  const declared = new OrreryError("not_found", 'Cannot find place "Atlantis": no such name', {
    details: { place: "Atlantis" },
  });
  const component = defineComponent(Any, () => ({
    call: () => {
      throw declared;
    },
  }));
  for (const local of ["copy", "encode"] as const) {
    const { node } = await startTestNode([component], { local });
    const error = await errorOf(node.client(Any).call(1));
    const { kind, code, message, details, reason, definite } = error;
    assert.deepEqual(
      { kind, code, message, details, reason, definite },
      {
        kind: "error",
        code: "not_found",
        message: declared.message,
        details: { place: "Atlantis" },
        reason: undefined,
        definite: true,
      },
    );
    assert.match(error.where, /^any\.0-\w+$/);
    await node.stop();
  }
});

test("outcomeOf takes what is no OrreryError for a defect that is not definite", async () => {
  const outcome = await outcomeOf(Promise.reject(Object.create(null)));
  const error = outcome.kind === "reply" ? assert.fail("replied") : outcome.error;
  assert.deepEqual(
    [error.kind, error.definite, error.message],
    ["defect", false, "Cannot finish the call: something of type object without a text"],
  );
});

test("outcomeOf knows an error that another copy of the package made", async () => {
  const foreign = Object.assign(new Error("there"), {
    name: "OrreryError",
    definite: true,
    kind: "bounced",
    code: "unavailable",
  });
  const outcome = await outcomeOf(Promise.reject(foreign));
  assert.deepEqual([outcome.kind, outcome.definite], ["bounced", true]);
});

test("a node refuses what has come from beyond its horizon, and says nothing where the message is to be dropped", async () => {
  const horizon = { scope: "process", beyond: "bounce", distanceMs: 0, hops: 0 } as const;
  const error = await answerTo(withHead({ horizon }));
  assert.deepEqual([error.reason, error.definite], ["horizon_exceeded", true]);
  assert.equal(error.message, 'Cannot accept "any.call": its horizon is the process, and it came from beyond');
  await assert.rejects(answerTo(withHead({ horizon: { ...horizon, beyond: "drop" } })), /answered with a reply/);
});
