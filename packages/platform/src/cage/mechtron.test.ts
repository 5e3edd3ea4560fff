import { strict as assert } from "node:assert/strict";
import { after, before, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createSystemClock, createSystemRandom, OrreryError } from "@orrery/core";
import { type GuestReply, guestReply, guestRequest } from "@orrery/guest/abi";
import { createGateClock } from "../testing/gate-clock.ts";
import { CALL, handScript } from "../testing/hand-script.ts";
import type { Cage, MechtronOptions } from "./cage.ts";
import { LOG_LINES_MAX } from "./limits.ts";
import type { Mechtron } from "./mechtron.ts";
import type { MechtronLimits } from "./mechtron-limits.ts";
import { createModelCage } from "./model-cage.ts";
import { createCage } from "./system-cage.ts";

let cage: Cage;
let model: Cage;
const clock = createGateClock();
before(async () => {
  cage = createCage();
  model = await createModelCage({ clock, random: createSystemRandom(), instancesMax: 2 });
});
after(() => Promise.all([cage[Symbol.asyncDispose](), model[Symbol.asyncDispose]()]));

const message = guestRequest({ service: "s", method: "m" });
const script = (body: string, options: Partial<MechtronOptions> = {}) =>
  ({ name: "m", kind: "script", code: handScript(`${CALL} ${body}`, "let count = 0;"), ...options }) as const;
const said = async (reply: Promise<GuestReply>) => Buffer.from((await reply).body).toString();

test("Mechtron.handle hands over one message at a time, in their order, and bounds those that wait", async () => {
  const gate = Promise.withResolvers<GuestReply>();
  const asked: string[] = [];
  const host = async ({ method }: { method: string }) => {
    asked.push(method);
    return gate.promise;
  };
  const mechtron = cage.createMechtron(
    script(`await call("peer", method); return method;`, { host, limits: { queueMax: 1 } }),
  );
  const [first, second] = ["one", "two"].map((method) => said(mechtron.handle(guestRequest({ service: "s", method }))));
  await assert.rejects(mechtron.handle(message), {
    code: "resource_exhausted",
    reason: "overloaded",
    message: /1 wait already/,
  });
  gate.resolve(guestReply({}));
  assert.deepEqual([await first, await second, asked], ["one", "two", ["one", "two"]]);
  mechtron.close();
});

test("Mechtron.handle lets a message go whose time to wait is over when its turn comes, and no other", async () => {
  const gates = new Map(["first", "last"].map((method) => [method, Promise.withResolvers<GuestReply>()]));
  const host = async ({ method }: { method: string }) => (await gates.get(method)?.promise) ?? guestReply({});
  const mechtron = model.createMechtron(script(`await call("peer", method); return method;`, { host }));
  const of = (method: string, waitMs: number) =>
    said(mechtron.handle(guestRequest({ service: "s", method }), { waitMs }));
  const [first, late, last] = [of("first", 100), of("late", 100), of("last", 101)];
  await setImmediate();
  clock.pass(100);
  gates.get("first")?.resolve(guestReply({}));
  await assert.rejects(late, { code: "deadline_exceeded", message: /its time was over before its turn came/ });
  clock.pass(100); // What has begun goes on.
  gates.get("last")?.resolve(guestReply({}));
  assert.deepEqual([await first, await last, mechtron.usage.messages], ["first", "last", 2]);
  mechtron.close();
});

test("Mechtron.handle refuses a request one byte too large, and counts what it lets in", async () => {
  const mechtron = cage.createMechtron(script("return body.byteLength ?? 0", { limits: { requestBytes: 1_000 } }));
  const head = 8; // Fields service and method, and the tag and length of the body.
  const of = (size: number) => guestRequest({ service: "s", method: "m", body: new Uint8Array(size) });
  await assert.rejects(mechtron.handle(of(1_001 - head - 1)), {
    reason: "too_large",
    message: /has 1001 bytes, the limit is 1000/,
  });
  assert.equal(await said(mechtron.handle(of(1_000 - head - 1))), `${1_000 - head - 1}`);
  assert.deepEqual([mechtron.usage.messages, mechtron.usage.bytesIn], [1, 1_000]);
  mechtron.close();
});

test("Mechtron.handle stops a mechtron that waits longer than its time", async () => {
  const mechtron = cage.createMechtron(
    script(`await call("orrery.host", "sleep", '{"ms":60000}')`, { limits: { wallMs: 60_000 } }),
  );
  await assert.rejects(mechtron.handle(guestRequest({ ...message, budgetMs: 50 })), {
    code: "deadline_exceeded",
    message: /it was stopped after 50 ms in all, the limit wallMs/,
    details: { fault: "killed", limit: "wallMs" },
  });
  mechtron.close();
});

test("Mechtron.handle ends with the reason of a signal, and serves the next message", async () => {
  const gone = new AbortController();
  const host = async () => {
    gone.abort(new OrreryError("canceled", "the caller left"));
    return new Promise<GuestReply>(() => {});
  };
  const mechtron = cage.createMechtron(
    script(`if (method === "m") await call("peer", "wait"); return "fine";`, { host }),
  );
  await assert.rejects(mechtron.handle(message, { signal: gone.signal }), { message: "the caller left" });
  await assert.rejects(mechtron.handle(message, { signal: gone.signal }), { message: "the caller left" });
  assert.equal(await said(mechtron.handle(guestRequest({ service: "s", method: "other" }))), "fine");
  mechtron.close();
});

test("Mechtron.close ends what is open and what waits as draining", async () => {
  const asked = Promise.withResolvers<void>();
  const host = () => {
    asked.resolve();
    return new Promise<GuestReply>(() => {});
  };
  const mechtron = cage.createMechtron(script(`await call("peer", "wait")`, { host }));
  const both = [mechtron.handle(message), mechtron.handle(message)];
  const ends = Promise.all(both.map((one) => assert.rejects(one, { reason: "draining" })));
  await asked.promise;
  mechtron.close();
  await ends;
  await assert.rejects(mechtron.handle(message), { reason: "draining" });
  assert.equal(mechtron.state, "closed");
});

test("Mechtron.handle bounds calls in a second, and lets them go on after a rest", async () => {
  let calls = 0;
  const host = async () => {
    calls += 1;
    return guestReply({});
  };
  const body = `const codes = []; for (let i = 0; i < 7; i++) codes.push((await call("peer", "x")).failure?.code ?? "ok"); return codes;`;
  const mechtron = model.createMechtron(script(body, { host, limits: { callsPerSecond: 5, idleMs: 0 } }));
  assert.equal(await said(mechtron.handle(message)), "ok,ok,ok,ok,ok,resource_exhausted,resource_exhausted");
  clock.pass(400);
  assert.match(await said(mechtron.handle(message)), /^ok,ok,resource_exhausted/);
  assert.deepEqual([calls, mechtron.usage.calls], [7, 14]);
  mechtron.close();
});

test("Mechtron.handle bounds the answers to calls, and calls that wait", async () => {
  const host = async () => guestReply({ contentType: "text/plain", body: new Uint8Array(2_000) });
  const limits = { requestBytes: 1_000, callsPerSecond: 10_000 };
  const one = model.createMechtron(script(`return (await call("peer", "x")).failure.message`, { host, limits }));
  assert.match(await said(one.handle(message)), /Cannot hand on the answer: it has 20\d\d bytes, the limit is 1000/);
  const many = `const all = await Promise.all(Array.from({ length: 40 }, () => call("peer", "x"))); return all.filter((one) => /calls wait/.test(one.failure?.message)).length;`;
  const two = model.createMechtron(script(many, { host }));
  assert.equal(await said(two.handle(message)), "8");
  one.close();
  two.close();
});

test("Mechtron.handle tells a mechtron why a call failed, and nothing of what is no declared error", async () => {
  const errors = [new OrreryError("not_found", "gone", { details: { place: "Oslo" } }), new Error("secret")];
  const host = async () => {
    throw errors.shift();
  };
  const mechtron = model.createMechtron(script(`return JSON.stringify((await call("peer", "x")).failure)`, { host }));
  const first = { code: "not_found", message: "gone", reason: "", details: '{"place":"Oslo"}', definite: true };
  assert.deepEqual(JSON.parse(await said(mechtron.handle(message))), first);
  assert.doesNotMatch(await said(mechtron.handle(message)), /secret/);
  mechtron.close();
});

test("Mechtron is idle before its first message, and again after a rest", async () => {
  const mechtron = model.createMechtron(script("return ++count", { limits: { idleMs: 1_000 } }));
  assert.equal(mechtron.state, "idle");
  assert.deepEqual([await said(mechtron.handle(message)), await said(mechtron.handle(message))], ["1", "2"]);
  clock.pass(999);
  assert.equal(mechtron.state, "live");
  clock.pass(1);
  assert.equal(mechtron.state, "idle");
  assert.equal(await said(mechtron.handle(message)), "1");
  assert.equal(mechtron.usage.starts, 2);
  mechtron.close();
});

test("createCage gives up an instance that rests where there are too many, and refuses where none does", async () => {
  const gate = Promise.withResolvers<GuestReply>();
  const bothAsk = Promise.withResolvers<void>();
  let asked = 0;
  const host = () => {
    asked += 1;
    if (asked === 2) bothAsk.resolve();
    return gate.promise;
  };
  const make = (body: string) => model.createMechtron(script(body, { host }));
  const [resting, one, two, three] = [
    make("return 1"),
    make(`await call("p", "x")`),
    make(`await call("p", "x")`),
    make("return 3"),
  ];
  await resting.handle(message);
  const busy = [one.handle(message), two.handle(message)];
  await bothAsk.promise;
  assert.deepEqual([resting.state, model.live], ["idle", 2]);
  await assert.rejects(three.handle(message), { reason: "overloaded", message: /all 2 instances are busy/ });
  gate.resolve(guestReply({}));
  await Promise.all(busy);
  assert.equal(await said(three.handle(message)), "3");
  for (const mechtron of [resting, one, two, three]) mechtron.close();
  assert.equal(model.live, 0);
});

test("createMechtron lets so many lines of a message through, and cuts long ones", async () => {
  const lines: string[] = [];
  const write = (text: string) => void lines.push(text);
  const log = { debug: write, info: write, warn: write, error: write, with: () => log };
  const mechtron = cage.createMechtron(script(`for (let i = 0; i < 150; i++) host.log(1, "x".repeat(5000));`, { log }));
  await mechtron.handle(message);
  assert.equal(lines.length, LOG_LINES_MAX + 1);
  assert.deepEqual([lines[0]?.length, lines.at(-1)], [4_097, "50 more lines were dropped: a message may write 100"]);
  mechtron.close();
});

test("createMechtron gives a script no clock, no chance and nothing of its host's", async () => {
  const names =
    "process require fetch WebAssembly setTimeout performance XMLHttpRequest SharedArrayBuffer Atomics std os bjson";
  const body = `
    const found = "${names}".split(" ").filter((name) => typeof globalThis[name] !== "undefined" && !["SharedArrayBuffer", "Atomics"].includes(name));
    const first = Date.now(); for (let i = 0; i < 100_000; i++); const late = new Date().getTime() - first;
    const born = new Date(0).constructor.now() - first;
    return JSON.stringify({ found, late, born, year: new Date().getUTCFullYear() });`;
  const mechtron = cage.createMechtron(script(body));
  const reply = await said(mechtron.handle(guestRequest({ ...message, nowMs: Date.UTC(1999, 5, 1) })));
  assert.deepEqual(JSON.parse(reply), { found: [], late: 0, born: 0, year: 1999 });
  mechtron.close();
});

test("createModelCage draws the same from the same chance", async () => {
  const runs = [7, 7, 8].map(async (seed) => {
    const random = { ...createSystemRandom(), integer: (bound: number) => (seed * 99_991) % bound };
    const own = await createModelCage({ clock: createSystemClock(), random });
    const mechtron = own.createMechtron(script("return [Math.random(), Math.random()]"));
    const drawn = await said(mechtron.handle(message));
    await own[Symbol.asyncDispose]();
    return drawn;
  });
  const [one, same, other] = await Promise.all(runs);
  assert.equal(one, same);
  assert.notEqual(one, other);
});

test("createModelCage stops a script in an endless loop by counting", async () => {
  const mechtron = model.createMechtron(script(`if (method === "m") for (;;) {} return "fine"`));
  await assert.rejects(mechtron.handle(message), { code: "deadline_exceeded", message: /endless loop/ });
  assert.equal(await said(mechtron.handle(guestRequest({ service: "s", method: "other" }))), "fine");
  mechtron.close();
});

test("createMechtron answers for its host: time, chance, config and artifacts", async () => {
  const artifacts = async (path: string) => (path === "/a.txt" ? Buffer.from("text of a") : undefined);
  const body = `const ask = async (m, b = "") => host.call(JSON.stringify({ service: "orrery.host", method: m, contentType: "application/json" }), b);
    const decoder = new TextDecoder();
    return [(await ask("config")).body, (await ask("random", '{"count":5}')).body.byteLength, decoder.decode((await ask("artifact", '{"path":"/a.txt"}')).body),
      JSON.parse((await ask("artifact", '{"path":"/b"}')).head).failure.code, (await ask("now")).body, JSON.parse((await ask("random", '{"count":-1}')).head).failure.code,
      JSON.parse((await ask("absent")).head).failure.code].join(" | ");`;
  const mechtron: Mechtron = model.createMechtron(script(body, { artifacts, config: { place: "Oslo" } }));
  const expected = ['{"place":"Oslo"}', 5, "text of a", "not_found", clock.now(), "invalid_argument", "unimplemented"];
  assert.equal(await said(mechtron.handle(message)), expected.join(" | "));
  mechtron.close();
});

const badLimits: readonly [limits: MechtronLimits, why: RegExp][] = [
  [{ wallMs: 0 }, /wallMs is 0, write a whole number from 1 to 2147483647/],
  [{ memoryBytes: 1 }, /memoryBytes is 1, write a whole number from 65536 to 1073741824/],
  [{ memoryBytes: 2 ** 31 }, /memoryBytes is 2147483648/],
  [{ queueMax: 1.5 }, /queueMax is 1.5/],
  [{ idleMs: -1 }, /idleMs is -1, write a whole number from 0/],
];
for (const [limits, message] of badLimits) {
  test(`createMechtron refuses ${JSON.stringify(limits)}`, () => {
    assert.throws(() => cage.createMechtron(script("", { limits })), { code: "invalid_argument", message });
  });
}

test("createMechtron refuses a script that is too large or no UTF-8", () => {
  const make = (code: Uint8Array) => cage.createMechtron({ name: "m", kind: "script", code });
  assert.throws(() => make(new Uint8Array(2 * 1024 * 1024 + 1)), {
    code: "invalid_argument",
    message: /the limit is 2097152/,
  });
  assert.throws(() => make(Uint8Array.of(0xff)), { code: "invalid_argument", message: /it is not UTF-8/ });
});
