import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json } from "@orrery/core";
import { TICKS_PER_MS } from "../limits.ts";
import type { Latency } from "../network/latency.ts";
import { createWorld } from "../world/create-world.ts";
import type { TraceRecord } from "./trace.ts";

const HOPS = ["one", "two", "three"] as const;
const WORK_MS = { one: 10, two: 20.5, three: 40.125 };

function serviceOf(name: string) {
  return defineService(name, { call: { request: json<string>(), reply: json<string>() } });
}

/** Works, then asks the next hop. */
function hop(name: keyof typeof WORK_MS, next: string | undefined) {
  return defineComponent(serviceOf(name), () => ({
    async call(request, context) {
      await context.clock.sleep(WORK_MS[name]);
      return next === undefined ? request : context.client(serviceOf(next)).call(request);
    },
  }));
}

/** Makes one call over three hops, the connections being up, and gives the spans of its flow and what its caller measured. */
async function callOverThreeHops(latency: (from: string, to: string) => Latency) {
  const spans: TraceRecord[] = [];
  const onTrace = (record: TraceRecord) => void (record.kind === "span" && spans.push(record));
  const world = createWorld({ seed: 11, link: (from, to) => ({ latency: latency(from.name, to.name) }), onTrace });
  for (const [index, name] of HOPS.entries()) world.node(name, { components: [hop(name, HOPS[index + 1])] });
  const visitor = world.node("visitor");
  await world.start();
  await world.settle(visitor.life.client(serviceOf("one")).call("warm"));
  spans.length = 0;
  const flow = visitor.life.beginFlow("tour");
  const startMs = world.elapsedMs;
  const call = flow.client(serviceOf("one")).call("x");
  let endMs = 0;
  await world.settle(
    call.then(() => {
      endMs = world.elapsedMs;
    }),
  );
  const ofFlow = spans.filter((record) => record.flow === `${flow.node}/${flow.id}`);
  return { ofFlow, tookTicks: Math.round((endMs - startMs) * TICKS_PER_MS) };
}

/** When a hop's message came to a moment; it comes there once. */
function tickAt(spans: readonly TraceRecord[], component: string, step: string): number {
  const found = spans.filter(({ what }) => what?.component === component && what.step === step);
  assert.equal(found.length, 1, `${step} of ${component}`);
  return found[0]?.tick ?? assert.fail();
}

/** How long each hop took on its way there, waiting, working by itself, and on its way back, in ticks. */
function legsOf(spans: readonly TraceRecord[]) {
  return HOPS.map((name, index) => {
    const at = (step: string, component: string = name) => tickAt(spans, component, step);
    const inner = HOPS[index + 1];
    const within = inner === undefined ? 0 : at("returned", inner) - at("queued", inner);
    return {
      queued: at("sent") - at("queued"),
      there: at("received") - at("sent"),
      waited: at("started") - at("received"),
      worked: at("ended") - at("started") - within,
      replied: at("replied") - at("ended"),
      back: at("returned") - at("replied"),
    };
  });
}

test("onMessage's legs of a call over three hops are those of the links and handlers, to the tick", async () => {
  const fixed: Readonly<Record<string, number>> = {
    "visitor>one": 3,
    "one>visitor": 4,
    "one>two": 5.5,
    "two>one": 6,
    "two>three": 7,
    "three>two": 8.25,
  };
  const { ofFlow, tookTicks } = await callOverThreeHops((from, to) => fixed[`${from}>${to}`] ?? 1);
  const ways = [
    ["visitor", "one"],
    ["one", "two"],
    ["two", "three"],
  ] as const;
  const expected = ways.map(([from, to]) => ({
    queued: 0,
    there: (fixed[`${from}>${to}`] ?? 0) * TICKS_PER_MS,
    waited: 0,
    worked: WORK_MS[to as keyof typeof WORK_MS] * TICKS_PER_MS,
    replied: 0,
    back: (fixed[`${to}>${from}`] ?? 0) * TICKS_PER_MS,
  }));
  const legs = legsOf(ofFlow);
  for (const [index, leg] of legs.entries())
    for (const [name, ticks] of Object.entries(leg)) {
      const wanted = expected[index]?.[name as keyof typeof leg] ?? Number.NaN;
      assert.ok(Math.abs(ticks - wanted) <= 1, `${name} of hop ${index + 1}: ${ticks} ticks, expected ${wanted}`);
    }
  const sum = legs.flatMap((leg) => Object.values(leg)).reduce((all, ticks) => all + ticks, 0);
  assert.ok(Math.abs(sum - tookTicks) <= 1, `${sum} and ${tookTicks} ticks`);
});

test("onMessage's legs add up to what the caller measured, however the links waver, and none is below nothing", async () => {
  const { ofFlow, tookTicks } = await callOverThreeHops(() => ({ kind: "lognormal", medianMs: 12, sigma: 1 }));
  const ticks = legsOf(ofFlow).flatMap((leg) => Object.values(leg));
  assert.ok(ticks.every((leg) => leg >= 0));
  const sum = ticks.reduce((all, leg) => all + leg, 0);
  assert.ok(Math.abs(sum - tookTicks) <= 1, `${sum} and ${tookTicks} ticks`);
});
