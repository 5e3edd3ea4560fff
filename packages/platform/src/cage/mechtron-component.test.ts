import { strict as assert } from "node:assert/strict";
import { test } from "node:test";
import {
  type Component,
  createNode,
  createSystemClock,
  createSystemRandom,
  defineComponent,
  defineService,
  json,
  type Node,
  outcomeOf,
} from "@orrery/core";
import { decodeGuestReply, encodeGuestRequest, guestRequest } from "@orrery/guest/abi";
import { createWorld } from "@orrery/sim";
import { handModule, whenLong } from "../testing/hand-module.ts";
import type { Mechtron } from "./mechtron.ts";
import { createMechtronComponent, defineMechtronService, type MechtronComponentOptions } from "./mechtron-component.ts";
import { createModelCage } from "./model-cage.ts";

const Ping = defineService("ping", {
  go: { request: json<{ hops: number }>(), reply: json<{ hops: number; agent: string }>() },
  tell: { request: json<string>(), mode: "async" },
});
const Pong = defineService("pong", {
  go: { request: json<{ hops: number }>(), reply: json<{ hops: number; agent: string }>() },
});
const Store = defineService("store", { put: { request: json<{ name: string }>(), reply: json<{ at: string }>() } });

/** A script that serves a service by handlers, as `defineMechtron` would. */
function serving(handlers: string): Uint8Array {
  return new TextEncoder().encode(`
    const fail = (failure) => ({ head: JSON.stringify({ failure }), body: "" });
    export default { abi: 1, async handle(head, body, host) {
      const request = JSON.parse(head);
      const call = async (service, method, value) => {
        const answer = await host.call(JSON.stringify({ service, method, contentType: "application/json" }), JSON.stringify(value));
        const { failure } = JSON.parse(answer.head);
        if (failure) throw failure;
        return answer.body === "" ? undefined : JSON.parse(answer.body);
      };
      const handlers = { ${handlers} };
      try {
        const value = await handlers[request.method](body === "" ? undefined : JSON.parse(body), request);
        return { head: '{"contentType":"application/json"}', body: value === undefined ? "" : JSON.stringify(value) };
      } catch (error) {
        if (typeof error?.code !== "string") throw error;
        return fail(error);
      }
    } };`);
}

async function nodeOf(make: (cage: MechtronComponentOptions["cage"]) => Component[]): Promise<Node> {
  const cage = await createModelCage({ clock: createSystemClock(), random: createSystemRandom() });
  const node = createNode({ agent: "ann", components: make(cage) });
  await node.start();
  return node;
}

const PING = serving(`
  async go({ hops }, { agent }) { return hops === 0 ? { hops, agent } : { ...(await call("pong", "go", { hops: hops - 1 })) }; },
  async tell(text) { await call("store", "put", { name: text }); },`);

test("createMechtronComponent serves a contract, in the name of whoever calls", async () => {
  await using node = await nodeOf((cage) => [
    createMechtronComponent({ name: "ping", cage, service: Ping, code: PING, kind: "script" }),
  ]);
  assert.deepEqual(await node.client(Ping).go({ hops: 0 }), { hops: 0, agent: "ann" });
});

test("createMechtronComponent lets a mechtron call services, one-way methods too", async () => {
  const put: string[] = [];
  const store = defineComponent(Store, () => ({
    put({ name }) {
      put.push(name);
      return { at: `/${name}` };
    },
  }));
  await using node = await nodeOf((cage) => [
    store,
    createMechtronComponent({ name: "ping", cage, service: Ping, code: PING, kind: "script", calls: [Store] }),
  ]);
  await node.send(Ping).tell("pic");
  await node.client(Ping).go({ hops: 0 }); // Behind the message, as all go to one instance.
  assert.deepEqual(put, ["pic"]);
});

test("createMechtronComponent refuses a call that comes back to a waiting mechtron as a cycle, and says so", async () => {
  const pong = serving(`async go({ hops }) { return call("ping", "go", { hops }); },`);
  await using node = await nodeOf((cage) => [
    createMechtronComponent({ name: "ping", cage, service: Ping, code: PING, kind: "script", calls: [Pong] }),
    createMechtronComponent({ name: "pong", cage, service: Pong, code: pong, kind: "script", calls: [Ping] }),
  ]);
  const outcome = await outcomeOf(node.client(Ping).go({ hops: 3 }));
  assert.equal(outcome.kind, "error");
  assert.ok(outcome.kind === "error");
  assert.deepEqual([outcome.error.code, outcome.error.details["reason"]], ["failed_precondition", "call_cycle"]);
  assert.equal((await node.client(Ping).go({ hops: 0 })).hops, 0);
});

test("createMechtronComponent refuses calls of services that it was not given", async () => {
  await using node = await nodeOf((cage) => [
    createMechtronComponent({ name: "ping", cage, service: Ping, code: PING, kind: "script", calls: [Store] }),
  ]);
  await assert.rejects(node.client(Ping).go({ hops: 1 }), {
    code: "not_found",
    message: /this mechtron may call store/,
  });
});

test("createMechtronComponent asks its host for services that it was not given", async () => {
  const code = serving(
    `async go({ hops }) { return call("orrery.resources", "get", { address: "demo.test:files" }); },`,
  );
  await using node = await nodeOf((cage) => [
    createMechtronComponent({
      name: "ping",
      cage,
      service: Ping,
      code,
      kind: "script",
      host: ({ service, method, body }, context) =>
        service === "orrery.resources"
          ? Promise.resolve({
              status: 0,
              headers: [],
              failure: undefined,
              nowMs: 0,
              contentType: "application/json",
              body: Buffer.from(
                JSON.stringify({ hops: body.length, agent: `${method} ${context.instance.split(".")[0]}` }),
              ),
            })
          : undefined,
    }),
  ]);
  assert.deepEqual(await node.client(Ping).go({ hops: 1 }), { hops: 29, agent: "get ping" });
});

test("createMechtronComponent forgets what a message sets with the message, also between many at once", async () => {
  const code = serving(`async go() {
    const state = async (method, body) => {
      const { body: found } = await host.call(JSON.stringify({ service: "orrery.state", method, path: "count", contentType: "application/json" }), body);
      return found;
    };
    const hops = Number(await state("get", "")) + 1;
    await state("set", String(hops));
    return { hops: Number(await state("get", "")), agent: "" };
  },`);
  await using node = await nodeOf((cage) => [
    createMechtronComponent({ name: "ping", cage, service: Ping, code, kind: "script" }),
  ]);
  const replies = await Promise.all(Array.from({ length: 100 }, () => node.client(Ping).go({ hops: 0 })));
  assert.deepEqual(new Set(replies.map(({ hops }) => hops)), new Set([1]));
});

test("createMechtronComponent hands encoded messages through, and counts them", async () => {
  const Raw = defineMechtronService("raw");
  const mechtrons: Mechtron[] = [];
  await using node = await nodeOf((cage) => [
    createMechtronComponent({
      name: "raw",
      cage,
      service: Raw,
      code: handModule({ handle: whenLong([0x00]) }),
      kind: "wasm",
      onMechtron: (mechtron) => mechtrons.push(mechtron),
    }),
  ]);
  const reply = decodeGuestReply(
    await node.client(Raw).handle(encodeGuestRequest(guestRequest({ method: "GET", path: "/" }))),
  );
  assert.deepEqual([reply.status, reply.failure], [0, undefined]);
  const long = encodeGuestRequest(guestRequest({ method: "GET", path: `/${"x".repeat(100)}` }));
  await assert.rejects(node.client(Raw).handle(long), { code: "internal", details: { fault: "trapped" } });
  assert.deepEqual(
    mechtrons.map(({ usage }) => [usage.messages, usage.faults]),
    [[2, 1]],
  );
});

test("createMechtronComponent refuses bad code and contracts before anything starts", async () => {
  const cage = await createModelCage({ clock: createSystemClock(), random: createSystemRandom() });
  const make = (code: Uint8Array, service: MechtronComponentOptions["service"]) =>
    createMechtronComponent({ name: "m", cage, service, code, kind: "wasm" });
  assert.throws(() => make(new Uint8Array(3), Pong), { code: "invalid_argument" });
  const Feed = defineService("feed", { follow: { request: json<string>(), reply: json<string>(), mode: "stream" } });
  assert.throws(() => make(handModule(), Feed), {
    code: "invalid_argument",
    message: /its mode is stream, mechtrons answer sync and async/,
  });
});

test("createMechtronComponent runs in a simulated world, and the same way each time", async () => {
  const code = serving(`async go({ hops }) {
    await call("orrery.host", "sleep", { ms: 1000 });
    return { hops, agent: new Date().toISOString() + " " + Math.random() };
  },`);
  const run = async () => {
    await using world = createWorld({ seed: 7 });
    const cage = await createModelCage({ clock: createSystemClock(), random: createSystemRandom() });
    world.node("here", {
      components: [createMechtronComponent({ name: "ping", cage, service: Ping, code, kind: "script" })],
    });
    const visitor = world.node("visitor");
    await world.start();
    const before = world.elapsedMs;
    const { agent } = await world.settle(visitor.life.client(Ping).go({ hops: 1 }));
    assert.ok(world.elapsedMs - before >= 1_000);
    return `${agent} ${world.trace.hash}`;
  };
  assert.equal(await run(), await run());
});
