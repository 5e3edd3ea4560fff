import { BODY_BYTES_MAX } from "../limits.ts";
import { outcomeOf } from "../outcome.ts";
import { patterned } from "./bench.ts";
import { type ConformanceCase, needs, needsBytes } from "./case.ts";
import { expect, expectFailure, expectSame } from "./expect.ts";
import { Probe } from "./probe.ts";

const UNICODE = ["Zürich", "京都", "🜨 \u{1F468}\u200D\u{1F680}", "\u0000\u007f\uffff", "", "é\u0301", "-\u2028-"];

/** What calls between nodes owe to the transport below them. */
export const CALL_CASES: readonly ConformanceCase[] = [
  {
    name: "answers calls with bodies of 0 bytes to 1 MiB",
    async run(bench) {
      const { address } = await bench.serve();
      const probe = bench.client([address]).client(Probe);
      for (const size of [0, 1, 65_536, 1024 * 1024])
        expectSame(await probe.echo(patterned(size)), patterned(size), `a body of ${size} bytes`);
    },
  },
  {
    name: "answers calls with any text",
    async run(bench) {
      const { address } = await bench.serve();
      const probe = bench.client([address]).client(Probe);
      expectSame(
        await probe.say({ texts: UNICODE, nothing: null, ключ: 1.5 }),
        { texts: UNICODE, nothing: null, ключ: 1.5 },
        "the text",
      );
    },
  },
  {
    name: "carries a declared error with its code, text and details",
    async run(bench) {
      const { address } = await bench.serve();
      const call = bench.client([address]).client(Probe).fail({ text: 'Cannot find "Ätlantis"' });
      const error = await expectFailure(call, { kind: "error", code: "not_found", definite: true, reason: undefined });
      expectSame(
        [error.message, error.details],
        ['Cannot find "Ätlantis"', { text: 'Cannot find "Ätlantis"' }],
        "the error",
      );
    },
  },
  {
    name: "answers 1,000 calls in flight, each with its own reply",
    async run(bench) {
      const { address } = await bench.serve();
      const probe = bench.client([address]).client(Probe);
      const replies = await Promise.all(Array.from({ length: 1000 }, (_, index) => probe.say(index)));
      expectSame(
        replies,
        Array.from({ length: 1000 }, (_, index) => index),
        "the replies",
      );
    },
  },
  {
    name: "answers calls in both directions at once",
    async run(bench) {
      const [first, second] = [await bench.freeAddress(), await bench.freeAddress()];
      const near = await bench.serve({ listening: first });
      const far = await bench.serve({ listening: second });
      const there = bench.client([near.address]).client(Probe);
      const back = bench.client([far.address]).client(Probe);
      const calls = Array.from({ length: 100 }, (_, index) => Promise.all([there.say(index), back.say(-index)]));
      expectSame((await Promise.all(calls))[99], [99, -99], "the last replies");
    },
  },
  {
    name: "answers many clients",
    async run(bench) {
      const { address } = await bench.serve();
      const clients = Array.from({ length: 20 }, () => bench.client([address]).client(Probe));
      const replies = await Promise.all(clients.flatMap((probe, index) => [probe.say(index), probe.say(index + 100)]));
      expectSame(replies.length, 40, "the number of replies");
      expectSame(replies.slice(-2), [19, 119], "the last replies");
    },
  },
  {
    name: "answers a call that was made before its node was there",
    async run(bench) {
      const listening = await bench.freeAddress();
      const probe = bench.client([bench.reach(listening)]).client(Probe);
      const call = probe.say("early");
      await bench.serve({ listening });
      expectSame(await call, "early", "the reply");
    },
  },
  {
    name: "ends a call that could not be sent in time as not connected, definitely",
    async run(bench) {
      const probe = bench.client([bench.reach(await bench.freeAddress())]).client(Probe);
      const facts = {
        kind: "unreachable",
        reason: "not_connected",
        definite: true,
        message: /^Cannot reach ".*nothing could be sent within 30 ms/,
      } as const;
      await expectFailure(probe.say("nobody", { timeoutMs: 30 }), facts);
    },
  },
  {
    name: "ends a call that is not answered in time as a timeout, not definitely",
    async run(bench) {
      const { address, events } = await bench.serve();
      const probe = bench.client([address]).client(Probe);
      await probe.echo(patterned(1)); // The time is that of a connection that is up.
      const call = probe.hold("long", { timeoutMs: 500 });
      await Promise.all([
        events.atLeast(1),
        expectFailure(call, { kind: "timeout", reason: "timeout", code: "deadline_exceeded", definite: false }),
      ]);
    },
  },
  {
    name: "carries what belongs to a message besides its body",
    async run(bench) {
      const { address } = await bench.serve();
      const client = bench.client([address], { name: "desk" });
      const flow = client.beginFlow("booking");
      const trace = { traceId: patterned(16), spanId: patterned(8), flags: 1, state: "" };
      const options = { timeoutMs: 10_000, flow, trace, agent: "anna", idempotencyKey: "k", attempt: 3 };
      const { leftMs, ...facts } = await client.client(Probe).facts(null, options);
      expect(typeof leftMs === "number" && leftMs > 0 && leftMs <= 10_001, `0 to 10,000 ms to be left, got ${leftMs}`);
      expectSame(
        facts,
        {
          flow: { id: flow.id, node: "desk", name: "booking", parentId: 0 },
          trace: [...trace.traceId, ...trace.spanId, 1],
          agent: "anna",
          source: { node: "desk", instance: "", incarnation: client.incarnation },
          idempotencyKey: "k",
          attempt: 3,
        },
        "what the handler saw",
      );
    },
  },
  {
    name: "shows neither side what the other does to its own values",
    async run(bench) {
      const { address, events } = await bench.serve();
      const probe = bench.client([address]).client(Probe);
      const request = ["mine"];
      const call = probe.say(request);
      request.push("written after the call");
      const reply = (await call) as string[];
      expectSame(request, ["mine", "written after the call"], "the caller's request");
      expectSame(reply, ["mine", "seen by the handler"], "the reply");
      reply.push("written by the caller");
      expectSame(events.items[0]?.value, ["mine", "seen by the handler"], "what the handler holds");
      const bytes = patterned(20_000);
      const echo = probe.echo(bytes);
      bytes.fill(0);
      expectSame(await echo, patterned(20_000), "a large body, written to after the call");
    },
  },
  {
    name: "tells a running handler that its caller gave up",
    async run(bench) {
      const { address, events } = await bench.serve();
      const giveUp = new AbortController();
      const call = bench.client([address]).client(Probe).hold("running", { signal: giveUp.signal });
      await events.atLeast(1);
      giveUp.abort();
      await expectFailure(call, { kind: "cancelled", reason: "cancelled", definite: false });
      await events.atLeast(2);
      expectSame(
        events.items.map(({ what }) => what),
        ["hold", "abort"],
        "what happened there",
      );
    },
  },
  {
    name: "never runs a call that was given up while it was queued there",
    async run(bench) {
      const { address, events, release } = await bench.serve();
      const probe = bench.client([address]).client(Probe);
      const first = probe.hold("first");
      await events.atLeast(1);
      const giveUp = new AbortController();
      const second = probe.hold("second", { signal: giveUp.signal });
      const third = probe.hold("third");
      await bench.client([address]).ping(address); // By then the calls have been sent.
      giveUp.abort();
      await expectFailure(second, { kind: "cancelled" });
      await bench.client([address]).ping(address);
      release();
      expectSame(await Promise.all([first, third]), ["first", "third"], "the others");
      expectSame(
        events.items.filter(({ what }) => what === "hold").map(({ value }) => value),
        ["first", "third"],
        "what ran",
      );
    },
  },
  {
    name: "never sends a call that was given up before it left, and ends it definitely",
    async run(bench) {
      const listening = await bench.freeAddress();
      const probe = bench.client([bench.reach(listening)]).client(Probe);
      const giveUp = new AbortController();
      const call = probe.say("withdrawn", { signal: giveUp.signal });
      giveUp.abort();
      await expectFailure(call, { kind: "cancelled", reason: "withdrawn", definite: true });
      const later = probe.say("later");
      const { events } = await bench.serve({ listening });
      expectSame(await later, "later", "the reply");
      expectSame(
        events.items.map(({ value }) => value),
        ["later"],
        "what ran",
      );
    },
  },
  {
    name: "answers again when a node comes back at its address",
    async run(bench) {
      const first = await bench.serve();
      const probe = bench.client([first.address]).client(Probe);
      expectSame(await probe.say(1), 1, "the first reply");
      await first.node.stop();
      const waiting = probe.say(2);
      await bench.serve({ listening: first.listening });
      expectSame(await waiting, 2, "the reply of the second node");
      expectSame(await probe.say(3), 3, "the next reply");
    },
  },
  {
    name: "ends what is under way when the connection breaks, and goes on with the next",
    skip: needs("severable"),
    async run(bench) {
      const { listening, events } = await bench.serve({ instances: 2 });
      const way = await bench.harness.severable?.(listening);
      const probe = bench.client([way?.address ?? ""]).client(Probe);
      const call = probe.hold("cut");
      await events.atLeast(1);
      way?.sever();
      await expectFailure(call, { kind: "unreachable", reason: "connection_lost", definite: false });
      await events.atLeast(2);
      expectSame(
        events.items.map(({ what }) => what),
        ["hold", "abort"],
        "what the handler saw",
      );
      expectSame(await probe.say("next"), "next", "the next reply");
    },
  },
  {
    name: "ends every call when the caller closes with calls in flight",
    async run(bench) {
      const { address, events } = await bench.serve();
      const client = bench.client([address]);
      const probe = client.client(Probe);
      const nobody = bench.client([bench.reach(await bench.freeAddress())]);
      const calls = Array.from({ length: 20 }, (_, index) => probe.hold(String(index)));
      const unsent = nobody.client(Probe).hold("unsent");
      const stream = probe.count({ to: 1000 });
      const item = outcomeOf(stream.next());
      const outcomes = Promise.all([...calls, unsent].map((call) => outcomeOf(call)));
      await events.atLeast(1);
      await Promise.all([client.stop(), nobody.stop()]);
      expectSame([...new Set((await outcomes).map(({ kind }) => kind))], ["cancelled"], "the outcomes");
      await item;
      await expectFailure(probe.say("after"), { reason: "withdrawn", definite: true });
    },
  },
  {
    name: "ends every call when the node that was called closes",
    async run(bench) {
      const { address, events, node } = await bench.serve();
      const probe = bench.client([address]).client(Probe);
      const calls = Array.from({ length: 20 }, (_, index) => outcomeOf(probe.hold(String(index))));
      await events.atLeast(1);
      await node.stop({ timeoutMs: 20 });
      for (const { kind, definite } of await Promise.all(calls))
        expect(
          kind === "unreachable" || kind === "defect" || (kind === "bounced" && definite),
          `a failure, got ${kind}`,
        );
    },
  },
  {
    name: "refuses a body over the limit before anything is sent",
    skip: needsBytes("a value has no size"),
    async run(bench) {
      const { address } = await bench.serve();
      const probe = bench.client([address]).client(Probe);
      const facts = {
        kind: "bounced",
        reason: "too_large",
        definite: true,
        message: /33554433 bytes, the limit is 33554432$/,
      } as const;
      await expectFailure(probe.echo(new Uint8Array(BODY_BYTES_MAX + 1)), facts);
      expectSame(await probe.echo(patterned(1)), patterned(1), "the next reply");
    },
  },
  {
    name: "bounces a call for a component that is not there",
    async run(bench) {
      const { address } = await bench.serve();
      const bare = bench.client([address]);
      const facts = { kind: "bounced", reason: "no_such_version", code: "not_found", definite: true } as const;
      await expectFailure(bare.client(Probe).say(1, { version: "9.9.9" }), facts);
      await expectFailure(bare.client(Probe).say(1, { instance: "probe.0-none" }), { reason: "no_such_instance" });
    },
  },
  {
    name: "lets a connection speak only for agents that its key allows",
    skip: needs("createGuest"),
    async run(bench) {
      const { address } = await bench.serve();
      const guest = bench.harness.createGuest?.();
      const probe = bench.client([address], guest === undefined ? {} : { transports: [guest] }).client(Probe);
      expectSame(await probe.say("hello", { agent: "guest" }), "hello", "the reply to the guest");
      await expectFailure(probe.say("hello", { agent: "root" }), {
        kind: "bounced",
        reason: "agent_refused",
        code: "permission_denied",
        definite: true,
      });
    },
  },
];
