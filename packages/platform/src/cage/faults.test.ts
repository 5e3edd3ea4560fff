import { strict as assert } from "node:assert/strict";
import { after, before, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { isOrreryError } from "@orrery/core";
import { guestRequest } from "@orrery/guest/abi";
import { createGateClock } from "../testing/gate-clock.ts";
import { HANDLE, handModule, i64Const, whenLong } from "../testing/hand-module.ts";
import { handScript } from "../testing/hand-script.ts";
import type { Cage } from "./cage.ts";
import { createCage } from "./system-cage.ts";

let cage: Cage;
before(() => {
  cage = createCage({ spare: 2 });
});
after(() => cage[Symbol.asyncDispose]());

const short = guestRequest({ method: "good", service: "s" });
const long = guestRequest({ method: "bad", service: "s", body: new Uint8Array(100) });
const LOOP = [0x03, 0x40, 0x0c, 0x00, 0x0b, 0x00];
/** Takes a page after the other until there is none, and traps if it has more than 32 by then. */
const TAKE_ALL = [
  0x03, 0x40, 0x41, 1, 0x40, 0, 0x41, 0x7f, 0x47, 0x0d, 0, 0x0b, 0x3f, 0, 0x41, 32, 0x4b, 0x04, 0x40, 0, 0x0b,
];
/** Takes and takes, and never stops. */
const TAKE_FOR_EVER = [0x03, 0x40, 0x41, 1, 0x40, 0, 0x1a, 0x0c, 0, 0x0b, 0];

/** How what never ends by itself does. */
const KILLED = "deadline_exceeded killed";

const wasm: readonly [what: string, code: readonly number[], end: string][] = [
  ["spins", LOOP, KILLED],
  ["allocates without end", TAKE_FOR_EVER, KILLED],
  ["recurses to the stack's end", [0x20, 0, 0x20, 1, 0x10, HANDLE, 0x1a], "internal trapped"],
  ["traps", [0x00], "internal trapped"],
  ["divides by zero", [0x41, 1, 0x41, 0, 0x6d, 0x1a], "internal trapped"],
  ["replies more than it may", [...i64Const(0x7fff_ffffn), 0x0f], "resource_exhausted too_large"],
  ["replies from outside its memory", [...i64Const(0xffff_fff0_0000_0010n), 0x0f], "internal bad_reply"],
  ["replies what is no message", [0x41, 0, 0x41, 7, 0x36, 2, 0, ...i64Const(4n), 0x0f], "internal bad_reply"],
  ["calls from outside its memory", [0x41, 0x70, 0x41, 100, 0x10, 0, 0x1a], "internal bad_reply"],
];
for (const [what, inner, end] of wasm) {
  test(`createMechtron ends a module that ${what}, once, and serves the next message`, async () => {
    const code = handModule({ handle: whenLong(inner) });
    const limits = { wallMs: end === KILLED ? 300 : 60_000, memoryBytes: 2 * 1024 * 1024 };
    const mechtron = cage.createMechtron({ name: "bad", code, kind: "wasm", limits });
    assert.equal(await endOf(mechtron.handle(long)), end);
    assert.equal(await endOf(mechtron.handle(short)), "reply ");
    assert.deepEqual([mechtron.usage.messages, mechtron.usage.faults, mechtron.usage.starts], [2, 1, 2]);
    mechtron.close();
  });
}

test("createMechtron bounds the memory of a module at its limit", async () => {
  const code = handModule({ handle: whenLong(TAKE_ALL) });
  const mechtron = cage.createMechtron({ name: "m", code, kind: "wasm", limits: { memoryBytes: 32 * 65_536 } });
  assert.equal(await endOf(mechtron.handle(long)), "reply ");
  mechtron.close();
});

const scripts: readonly [what: string, body: string, end: string][] = [
  ["spins", "for (;;) {}", KILLED],
  ["spins in promises", "for (;;) await null;", KILLED],
  ["allocates without end", "const all = []; for (;;) all.push(new Array(1000).fill(1));", "resource_exhausted memory"],
  [
    "allocates buffers without end",
    "const all = []; for (;;) all.push(new Uint8Array(65536));",
    "resource_exhausted memory",
  ],
  ["recurses to the stack's end", "const f = () => 1 + f(); f();", "internal trapped"],
  ["throws", "throw new Error('no')", "internal trapped"],
  ["throws nothing", "throw undefined", "internal trapped"],
  ["waits for what never comes", "await new Promise(() => {})", "internal stuck"],
  ["replies more than it may", "return 'x'.repeat(5_000_000)", "resource_exhausted too_large"],
];
for (const [what, body, end] of scripts) {
  test(`createMechtron ends a script that ${what}, once, and serves the next message`, async () => {
    const code = handScript(`if (method === "good") return "fine"; ${body}`);
    const most = end === KILLED ? 400 : 60_000; // What ends by itself has all the time that a busy machine takes.
    const limits = { wallMs: most, cpuMs: most, memoryBytes: 8 * 1024 * 1024 };
    const mechtron = cage.createMechtron({ name: "bad", code, kind: "script", limits });
    assert.equal(await endOf(mechtron.handle(long)), end);
    assert.equal(await endOf(mechtron.handle(short)), "reply fine");
    mechtron.close();
  });
}

const linux = { skip: process.platform === "linux" ? false : "only Linux tells the time of a thread" };

test("createMechtron stops a module at its time of the processor", linux, async () => {
  const limits = { wallMs: 60_000, cpuMs: 50 };
  const mechtron = cage.createMechtron({
    name: "m",
    code: handModule({ handle: whenLong(LOOP) }),
    kind: "wasm",
    limits,
  });
  await assert.rejects(mechtron.handle(long), {
    code: "deadline_exceeded",
    details: { fault: "killed", limit: "cpuMs" },
    message: /it was stopped after 50 ms of the processor, the limit cpuMs/,
  });
  assert.ok(mechtron.usage.cpuMs >= 50);
  mechtron.close();
});

const endless = [
  { kind: "wasm", code: handModule({ start: LOOP }) },
  { kind: "script", code: handScript("", "for (;;);") },
] as const;
for (const { kind, code } of endless) {
  test(`createMechtron stops a ${kind} that never ends its start, at its time of the processor`, linux, async () => {
    const mechtron = cage.createMechtron({ name: "m", code, kind, limits: { startMs: 50 } });
    await assert.rejects(mechtron.handle(short), {
      code: "deadline_exceeded",
      details: { fault: "killed", limit: "startMs" },
      message: `Cannot start mechtron "m": it was not ready after 50 ms of the processor, have it do less at its start`,
    });
    assert.ok(mechtron.usage.cpuMs >= 50);
    mechtron.close();
  });
}

test("Mechtron.start lets a machine be busy for a minute", linux, async () => {
  const clock = createGateClock();
  const code = handScript("return 'fine'", "for (let i = 0; i < 1_000_000; i++);");
  const mechtron = cage.createMechtron({ name: "m", code, kind: "script", clock });
  const started = mechtron.start();
  await setImmediate();
  clock.pass(59_999);
  await started;
  assert.equal(await endOf(mechtron.handle(short)), "reply fine");
  mechtron.close();
});

test("Mechtron.start tells a machine that is too busy from code that never ends its start", linux, async () => {
  const clock = createGateClock();
  const mechtron = cage.createMechtron({ name: "m", code: handScript("", "for (;;);"), kind: "script", clock });
  const started = mechtron.start();
  await setImmediate();
  clock.pass(60_000);
  await assert.rejects(started, {
    reason: "overloaded",
    message:
      /^Cannot start mechtron "m": it was not ready after 60000 ms, in which it had \d+ ms of the processor, try later/,
  });
  mechtron.close();
});

const unstartable: readonly [what: string, kind: "wasm" | "script", code: Uint8Array, why: RegExp][] = [
  ["whose start traps", "wasm", handModule({ start: [0x00] }), /unreachable/],
  ["whose start calls out", "wasm", handModule({ start: [0x41, 0, 0x41, 0, 0x10, 0, 0x1a] }), /Cannot start mechtron/],
  ["of another version", "wasm", handModule({ abi: 7 }), /it speaks version 7 of the interface, this host speaks 1/],
  ["whose code is invalid", "wasm", handModule({ handle: [0x6a] }), /Compiling function/],
  ["that is no JavaScript", "script", Buffer.from("export default {"), /SyntaxError/],
  ["that exports nothing", "script", Buffer.from("export const a = 1"), /its default export is no mechtron/],
  ["of another version", "script", Buffer.from("export default { abi: 2, handle() {} }"), /it speaks version 2/],
  ["that imports", "script", Buffer.from('import "node:fs"; export default {}'), /node:fs/],
  ["that throws at its start", "script", Buffer.from('throw new Error("not today")'), /not today/],
  [
    "that waits at its start",
    "script",
    Buffer.from("await new Promise(() => {})"),
    /waits for something at its top level/,
  ],
];
for (const [what, kind, code, why] of unstartable) {
  test(`createMechtron tells why it cannot start a ${kind} ${what}`, async () => {
    const mechtron = cage.createMechtron({ name: "m", code, kind });
    await assert.rejects(mechtron.handle(short), { code: "failed_precondition", message: why });
    await assert.rejects(mechtron.handle(short), { code: "failed_precondition" });
    mechtron.close();
  });
}

test("createMechtron gives a module that gives no memory for its request an end", async () => {
  const mechtron = cage.createMechtron({ name: "m", code: handModule({ alloc: [0x41, 0] }), kind: "wasm" });
  assert.equal(await endOf(mechtron.handle(short)), "resource_exhausted memory");
  mechtron.close();
});

async function endOf(reply: Promise<{ readonly body: Uint8Array }>): Promise<string> {
  try {
    return `reply ${Buffer.from((await reply).body).toString()}`;
  } catch (error) {
    if (!isOrreryError(error)) throw error;
    return `${error.code} ${error.details["fault"]}`;
  }
}
