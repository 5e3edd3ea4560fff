import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bytes,
  type Call,
  type ClientNode,
  defineComponent,
  defineService,
  json,
  OrreryError,
  outcomeOf,
  type SendOptions,
} from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { dataCentres, joinGateways } from "./testing/gateway-world.ts";

const Any = { request: json<{ how?: string; count?: number; text?: string }>(), reply: json<{ text: string }>() };
const Bank = defineService("bank", {
  ask: Any,
  pay: { request: Any.request, mode: "async" },
  list: { ...Any, mode: "stream" },
  tell: { request: Any.request, mode: "broadcast" },
});
/** Contracts that name the bank and do not mean it. */
const Vanished = defineService("bank", { vanished: Any });
const OneWay = defineService("bank", { ask: { request: Any.request, mode: "async" } });
const Other = defineService("bank", { ask: { request: bytes, reply: bytes } });

function bank() {
  const told: string[] = [];
  return defineComponent(
    Bank,
    () => ({
      async ask({ how = "", text = "" }, { clock }) {
        if (how === "wait") await clock.sleep(60_000);
        if (how === "throw") throw new TypeError("broken");
        if (how === "told") return { text: told.join() };
        if (how !== "") throw new OrreryError("not_found", `no ${how}`, { details: { how } });
        return { text };
      },
      pay({ how = "", text = "" }) {
        if (how !== "") throw new OrreryError("aborted", how);
        told.push(text);
      },
      async *list({ count = 0, how = "" }) {
        for (let at = 0; at < count; at++) yield { text: `${at}` };
        if (how !== "") throw new OrreryError("data_loss", how);
      },
      tell: ({ text = "" }) => void told.push(text),
    }),
    { version: "1.2.3", instances: 2 },
  );
}

/** Sends messages of every mode that end in every way, and gives how each ended. */
async function work(node: ClientNode, to: SendOptions): Promise<readonly unknown[]> {
  const ends: unknown[] = [];
  const end = async (call: Call<unknown>) => {
    const outcome = await outcomeOf(call);
    if (outcome.kind === "reply") return void ends.push(outcome.value);
    const { kind, code, reason, definite, details, message } = outcome.error;
    ends.push(kind === "error" ? { kind, code, definite, details, message } : { kind, code, reason, definite });
  };
  const all = async (stream: AsyncIterable<{ text: string }>) => {
    const texts: string[] = [];
    for await (const { text } of stream) texts.push(text);
    return texts;
  };
  const client = node.client(Bank);
  await end(client.ask({ text: "ünïcode \u0000" }, to));
  for (const how of ["cash", "throw"]) await end(client.ask({ how }, to));
  await end(client.ask({ how: "wait" }, { ...to, timeoutMs: 500 }));
  await end(client.ask({}, { ...to, signal: AbortSignal.abort() }));
  const giveUp = new AbortController();
  const given = end(client.ask({ how: "wait" }, { ...to, signal: giveUp.signal }));
  await node.clock.sleep(200);
  giveUp.abort();
  await given;
  for (const version of ["1.2.3", "^1.0.0", "9.9.9"]) await end(client.ask({ text: version }, { ...to, version }));
  await end(client.ask({}, { ...to, instance: "nobody" }));
  await end(node.client(Vanished).vanished({}, to));
  await end(node.send(OneWay).ask({}, to).accepted);
  await end(node.client(Other).ask(new Uint8Array([1]), to));
  await end(all(client.list({ count: 100 }, { ...to, credit: 3 })));
  await end(all(client.list({ count: 5, how: "torn" }, to)));
  await end(all(client.list({}, to)));
  const stream = client.list({ count: 1_000 }, { ...to, credit: 2 });
  await end(stream.next());
  await end(stream.return());
  node.publish(Bank).tell({ text: "news" }, to.network === undefined ? to : { ...to, horizon: "any" });
  for (const [text, how] of [["a"], ["b", "late"], ["c"]]) {
    const request = { ...(text && { text }), ...(how && { how }) };
    await end(node.send(Bank).pay(request, to).accepted);
  }
  await Promise.all(Array.from({ length: 50 }, (_, at) => client.ask({ text: `${at}` }, to)));
  await end(client.ask({ how: "told" }, to));
  return ends;
}

test("createGateway leaves the outcomes of a workload as they are without it, in every mode and of every kind", async () => {
  const world = createWorld({ trace: "off", link: dataCentres });
  await using _ = world;
  const joined = joinGateways(world);
  const caller = joined.node("eu", "caller", { components: [] });
  joined.node("eu", "eu-1", { components: [bank()] });
  joined.node("us", "us-1", { components: [bank()] });
  const networks = ["eu", "us"].map((network) => ({ network, exports: ["bank"], imports: ["bank"] }));
  const gateway = joined.gateway("gw", { networks });
  await world.start();
  await world.run({ forMs: 5_000 });
  const direct = await world.settle(work(caller.life, { horizon: "network" }));
  assert.equal(gateway.counts()[0]?.passed, 0);
  const through = await world.settle(work(caller.life, { network: "us" }));
  assert.deepEqual(through, direct);
  const kinds = new Set(direct.flatMap((one) => (one as { readonly kind?: string } | undefined)?.kind ?? "reply"));
  assert.deepEqual([...kinds].sort(), ["bounced", "cancelled", "defect", "error", "reply", "timeout"]);
  assert.equal(gateway.counts()[0]?.underWay, 0);
});
