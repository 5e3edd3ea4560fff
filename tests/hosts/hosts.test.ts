import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { createHosts, type Host, whyNoHosts } from "../testing/hosts/lab.ts";
import type { Asked, Tally } from "../testing/hosts/member.ts";
import type { Program } from "../testing/hosts/program.ts";

const MEMBER = new URL("../testing/hosts/member.ts", import.meta.url);
const RELAY = new URL("../testing/hosts/relay.ts", import.meta.url);
const skip = whyNoHosts() ?? false;

interface Seen {
  readonly node: string;
  readonly status: string;
  /** How far it is, one way, where that is known. */
  readonly ms?: number;
}

/** A member on each host, all with the first as their seed. */
async function startMembers(
  hosts: readonly Host[],
  serves: (host: Host) => "echo" | "idle",
): Promise<readonly Program[]> {
  const seed = `tcp://${hosts[0]?.ip}:7000`;
  const members = hosts.map((host) => host.run(MEMBER, host.name, serves(host), `tcp://${host.ip}:7000`, seed));
  await Promise.all(members.map((member) => member.next()));
  return members;
}

const look = (member: Program) => member.ask<readonly Seen[]>({ ask: "members" });

const call = (member: Program, asked: Omit<Extract<Asked, { ask: "calls" }>, "ask">) =>
  member.ask<Tally>({ ask: "calls", ...asked });

/** Asks again and again until a member sees what is wanted. @throws AssertionError after a time that no machine needs. */
async function untilSeen(member: Program, wanted: (seen: readonly Seen[]) => boolean, withinMs = 120_000) {
  const beganMs = performance.now();
  for (;;) {
    const seen = await look(member);
    const tookMs = performance.now() - beganMs;
    if (wanted(seen)) return tookMs;
    assert.ok(tookMs < withinMs, `after ${tookMs} ms it still sees ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const areAll = (status: string, names: readonly string[]) => (seen: readonly Seen[]) =>
  names.every((name) => seen.some((other) => other.node === name && other.status === status));

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, count) => all + count, 0);

/** Makes the ways between two hosts slow, in both directions, by relays on a third. */
async function slowWay(
  relay: Host,
  { one, other, at, delayMs }: { one: Host; other: Host; at: number; delayMs: number },
): Promise<void> {
  for (const [index, [from, to]] of [[one, other] as const, [other, one] as const].entries()) {
    await relay.run(RELAY, `${at + index}`, to.ip, "7000", `${delayMs}`).next();
    from.redirect({ host: to, port: 7000 }, { host: relay, at: at + index });
  }
}

function open(t: TestContext, ...names: readonly string[]) {
  const hosts = createHosts(t, names);
  const [a, b, c, d] = hosts as [Host, Host, Host, Host];
  return { hosts, a, b, c, d };
}

test("hosts find one another from one seed, and spread their calls", { skip }, async (t) => {
  const { hosts } = open(t, "a", "b", "c");
  const [a, , c] = await startMembers(hosts, ({ name }) => (name === "a" ? "idle" : "echo"));
  assert.ok(a !== undefined && c !== undefined);
  await untilSeen(c, areAll("alive", ["a", "b", "c"]));
  await untilSeen(a, areAll("alive", ["a", "b", "c"]));
  const { by, failures, open: left } = await call(a, { count: 100, everyMs: 1 });
  assert.deepEqual({ failures, left, all: sum(by) }, { failures: {}, left: 0, all: 100 });
  assert.deepEqual(Object.keys(by).sort(), ["b", "c"]);
});

test("hosts leave one out that is off, and calls in flight end once", { skip }, async (t) => {
  const { hosts, c } = open(t, "a", "b", "c");
  const [a] = await startMembers(hosts, ({ name }) => (name === "a" ? "idle" : "echo"));
  assert.ok(a !== undefined);
  await untilSeen(a, areAll("alive", ["b", "c"]));
  await call(a, { count: 20, everyMs: 1 });
  const during = call(a, { count: 400, everyMs: 5, options: { timeoutMs: 1_000 } });
  c.powerOff();
  const { by, failures, open: left } = await during;
  assert.equal(left, 0);
  assert.equal(sum(by) + sum(failures), 400);
  t.diagnostic(`calls while a host went off: ${JSON.stringify({ by, failures })}`);
  const tookMs = await untilSeen(a, areAll("dead", ["c"]));
  t.diagnostic(`dead to another ${((tookMs + 2_000) / 1000).toFixed(1)} s after it was off, about`);
  const after = await call(a, { count: 100, everyMs: 1, options: { timeoutMs: 1_000 } });
  assert.deepEqual(after.by, { b: 100 });
});

test("hosts take one back that was cut off, which went on alone", { skip }, async (t) => {
  const { hosts, c } = open(t, "a", "b", "c");
  const members = await startMembers(hosts, () => "echo");
  const [inA, , inC] = members;
  assert.ok(inA !== undefined && inC !== undefined);
  await Promise.all(members.map((member) => untilSeen(member, areAll("alive", ["a", "b", "c"]))));
  c.cut();
  await untilSeen(inA, areAll("dead", ["c"]));
  await untilSeen(inC, areAll("dead", ["a", "b"]));
  const alone = await call(inC, { count: 50, everyMs: 1 });
  assert.deepEqual({ by: alone.by, failures: alone.failures }, { by: { c: 50 }, failures: {} });
  c.mend();
  const backMs = await Promise.all(members.map((member) => untilSeen(member, areAll("alive", ["a", "b", "c"]))));
  t.diagnostic(`all know all again ${Math.max(...backMs).toFixed(0)} ms after the cut was mended`);
});

test("hosts go on under loss: every call ends once, and nobody is taken for dead", { skip }, async (t) => {
  const { hosts } = open(t, "a", "b", "c");
  const [a, b] = await startMembers(hosts, ({ name }) => (name === "a" ? "idle" : "echo"));
  assert.ok(a !== undefined && b !== undefined);
  await untilSeen(a, areAll("alive", ["b", "c"]));
  for (const host of hosts) host.lose(0.05);
  const { by, failures, open: left, longestMs } = await call(a, { count: 500, everyMs: 10 });
  t.diagnostic(`the longest of 500 calls took ${longestMs.toFixed(0)} ms at a loss of 5 % each way`);
  assert.deepEqual({ failures, left, all: sum(by) }, { failures: {}, left: 0, all: 500 });
  assert.ok(areAll("alive", ["b", "c"])(await look(a)), "a takes somebody for dead");
});

test("hosts keep calls within a distance, measured over a slow way", { skip }, async (t) => {
  const { a, b, c, d } = open(t, "a", "near", "far", "relay");
  for (const [index, host] of [a, b].entries()) {
    await slowWay(d, { one: host, other: c, at: 8000 + 2 * index, delayMs: 150 });
  }
  const [inA, near] = await startMembers([a, b, c], ({ name }) => (name === "a" ? "idle" : "echo"));
  assert.ok(inA !== undefined && near !== undefined);
  await untilSeen(inA, (seen) => (seen.find(({ node }) => node === "far")?.ms ?? 0) > 120);
  const { by, failures } = await call(inA, { count: 100, everyMs: 1, options: { horizon: { distanceMs: 75 } } });
  assert.deepEqual({ by, failures }, { by: { near: 100 }, failures: {} });
  const seen = await look(inA);
  t.diagnostic(seen.map(({ node, ms }) => `${node} ${ms?.toFixed(1) ?? "?"} ms`).join(", "));
  near.child.kill("SIGKILL");
  await once(near.child, "exit");
  const beyond = await call(inA, { count: 5, everyMs: 1, options: { horizon: { distanceMs: 75 }, timeoutMs: 2_000 } });
  assert.deepEqual(beyond.by, {});
  assert.equal(sum(beyond.failures), 5);
  t.diagnostic(JSON.stringify(beyond.failures));
});
