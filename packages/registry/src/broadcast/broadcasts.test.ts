import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createLog, createSystemClock, discardLog, type JsonValue } from "@orrery/core";
import { openTestRegistry } from "../conformance/test-registry.ts";
import {
  BROADCAST_MESSAGE_BYTES_MAX,
  BROADCAST_METHOD_LENGTH_MAX,
  BROADCAST_WAITING_MAX,
  BROADCAST_WATCHERS_MAX,
} from "../limits.ts";
import type { Registry } from "../registry.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { BROADCAST_KIND } from "./broadcast-kind.ts";
import type { BroadcastItem, Broadcasts } from "./broadcasts.ts";
import { createBroadcasts } from "./create-broadcasts.ts";

const BY = { agent: "operator" };
const NEWS = "demo.test:news";
const clock = createSystemClock();
const log = createLog({ sink: discardLog, now: () => 0, fields: {} });

let registry: Registry;
let broadcasts: Broadcasts;
before(async () => {
  registry = await openTestRegistry({ kinds: [BROADCAST_KIND], operators: ["operator"] });
  broadcasts = await createBroadcasts({ registry, clock, log });
  await registry.create({ address: "demo.test", kind: "Space" }, BY);
  await registry.create({ address: NEWS, kind: "Broadcast" }, BY);
});
after(async () => {
  await broadcasts[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const say = (message: JsonValue, agent = "operator", address = NEWS) =>
  broadcasts.send({ address, method: "Say", message }, { agent });

/** Somebody who watches, and what each item says. */
async function watch(agent = "operator", address = NEWS) {
  const end = new AbortController();
  const items = (await broadcasts.follow({ address }, { agent, signal: end.signal }))[Symbol.asyncIterator]();
  const next = async () => {
    const { done, value } = await items.next();
    return done === true ? "ended" : shown(value as BroadcastItem);
  };
  return { next, end: () => end.abort() };
}

function shown({ missed, message }: BroadcastItem): string {
  const said = message === undefined ? "" : `${message.agent}: ${message.method} ${JSON.stringify(message.message)}`;
  return missed === 0 ? said : `${said} after ${missed} missed`;
}

/** Waits until the registry says so of a resource. */
async function untilState(address: string, state: string): Promise<void> {
  const { revision } = await registry.list({ selector: address }, BY);
  if ((await registry.get(address, BY)).status.state === state) return;
  for await (const { resource } of registry.watch({ selector: address, after: revision }, BY))
    if (resource.status.state === state) return;
}

describe("createBroadcasts", () => {
  it("makes a broadcast ready, and relays each message to all who watch, in one order", async () => {
    await untilState(NEWS, "Ready");
    const watchers = [await watch(), await watch(), await watch()];
    const sent = await Promise.all(["a", "b", "c", "d"].map((text) => say(text)));
    assert.deepEqual(sent[3], { watchers: 3, relayed: 3, missed: 0 });
    for (const { next } of watchers) {
      const got = [await next(), await next(), await next(), await next()];
      assert.deepEqual(
        got,
        ["a", "b", "c", "d"].map((text) => `operator: Say "${text}"`),
      );
    }
    for (const { end } of watchers) end();
  });

  it("says 0 where nobody watches, and keeps nothing for those who come later", async () => {
    assert.deepEqual(await say("too early"), { watchers: 0, relayed: 0, missed: 0 });
    const late = await watch();
    await say("now");
    assert.equal(await late.next(), 'operator: Say "now"');
    late.end();
  });

  it("goes on when a watcher leaves, with what was relayed to it unread", async () => {
    const [stays, leaves] = [await watch(), await watch()];
    assert.deepEqual(await say(1), { watchers: 2, relayed: 2, missed: 0 });
    leaves.end();
    assert.deepEqual(await say(2), { watchers: 1, relayed: 1, missed: 0 });
    assert.deepEqual([await stays.next(), await stays.next()], ["operator: Say 1", "operator: Say 2"]);
    stays.end();
  });

  it("passes by who reads too slowly, tells how many it missed, and holds up nobody else", async () => {
    const [slow, fast] = [await watch(), await watch()];
    for (let n = 0; n < BROADCAST_WAITING_MAX; n++) {
      assert.deepEqual(await say(n), { watchers: 2, relayed: 2, missed: 0 });
      assert.equal(await fast.next(), `operator: Say ${n}`);
    }
    for (const text of ["x", "y"]) assert.deepEqual(await say(text), { watchers: 2, relayed: 1, missed: 1 });
    assert.equal(await slow.next(), "operator: Say 0");
    assert.deepEqual(await say("z"), { watchers: 2, relayed: 2, missed: 0 });
    assert.deepEqual(await say("w"), { watchers: 2, relayed: 1, missed: 1 });
    for (let n = 1; n < BROADCAST_WAITING_MAX; n++) assert.equal(await slow.next(), `operator: Say ${n}`);
    assert.equal(await slow.next(), 'operator: Say "z" after 2 missed');
    assert.equal(await slow.next(), " after 1 missed"); // Although nothing follows.
    await say("again");
    assert.equal(await slow.next(), 'operator: Say "again"');
    for (const text of ["x", "y", "z", "w", "again"]) assert.equal(await fast.next(), `operator: Say "${text}"`);
    slow.end();
    fast.end();
  });

  it("lets send who may execute, and watch who may read, as long as that is so", async () => {
    await expectRefusal(say("hi", "ann"), "permission_denied", "no rule lets ann execute demo.test:news");
    await expectRefusal(watch("ann"), "permission_denied", "no rule lets ann read demo.test:news");
    const grant = (name: string, verbs: string) => {
      const properties = { to: "ann", verbs, on: NEWS };
      return registry.create({ address: `demo.test:${name}`, kind: "Grant", properties }, BY);
    };
    await grant("may-send", "x");
    assert.deepEqual(await say("hi", "ann"), { watchers: 0, relayed: 0, missed: 0 });
    await expectRefusal(watch("ann"), "permission_denied", "no rule lets ann read");
    await grant("may-read", "r");
    const ann = await watch("ann");
    await say("welcome", "ann");
    assert.equal(await ann.next(), 'ann: Say "welcome"');
    await registry.remove({ address: "demo.test:may-read" }, BY);
    assert.deepEqual(await say("secret"), { watchers: 0, relayed: 0, missed: 0 });
    await expectRefusal(ann.next(), "permission_denied", "no rule lets ann read");
  });

  it("ends with the broadcast, which then is gone, and begins anew with another of that name", async () => {
    const address = "demo.test:short";
    await registry.create({ address, kind: "Broadcast" }, BY);
    const watcher = await watch("operator", address);
    await say("last words", "operator", address);
    const { revision } = await registry.list({ selector: address }, BY);
    await registry.remove({ address }, BY);
    for await (const { parts } of registry.watch({ selector: address, after: revision }, BY))
      if (parts.includes("removed")) break;
    assert.deepEqual([await watcher.next(), await watcher.next()], ['operator: Say "last words"', "ended"]);
    await expectRefusal(say("hi", "operator", address), "not_found", "there is no such resource");
    await registry.create({ address, kind: "Broadcast" }, BY);
    await untilState(address, "Ready");
    assert.deepEqual(await say("hi", "operator", address), { watchers: 0, relayed: 0, missed: 0 });
  });

  it("refuses what is no broadcast, and messages that are too large or have no name", async () => {
    await expectRefusal(say("hi", "operator", "demo.test"), "failed_precondition", "it is a Space, name a Broadcast");
    await expectRefusal(watch("operator", "demo.test"), "failed_precondition", "it is a Space, name a Broadcast");
    await say("x".repeat(BROADCAST_MESSAGE_BYTES_MAX - 2));
    await expectRefusal(say("x".repeat(BROADCAST_MESSAGE_BYTES_MAX - 1)), "invalid_argument", "65537 bytes");
    const named = (method: string) => broadcasts.send({ address: NEWS, method }, BY);
    await named("m".repeat(BROADCAST_METHOD_LENGTH_MAX));
    for (const method of ["", "m".repeat(BROADCAST_METHOD_LENGTH_MAX + 1)])
      await expectRefusal(named(method), "invalid_argument", "the name of its message");
  });

  it("lets so many watch as it says, and one more when one has left", async () => {
    const watchers = [];
    for (let n = 0; n < BROADCAST_WATCHERS_MAX; n++) watchers.push(await watch());
    await expectRefusal(watch(), "resource_exhausted", `${BROADCAST_WATCHERS_MAX} do so already`);
    assert.deepEqual(await say("crowd"), { watchers: 10_000, relayed: 10_000, missed: 0 });
    watchers[0]?.end();
    (await watch()).end();
    for (const { end } of watchers) end();
    assert.deepEqual(await say("nobody"), { watchers: 0, relayed: 0, missed: 0 });
  });
});
