import assert from "node:assert/strict";
import { test } from "node:test";
import type { Span, SpanMoment } from "./span.ts";
import { First, makeHopsWorld } from "./testing/hops-world.ts";

/** The moments of one message, in order, from both of its spans. */
function legsOf(sender: Span, receiver: Span): readonly number[] {
  const at = ({ moments }: Span, name: SpanMoment["name"]) =>
    moments.find((one) => one.name === name)?.atMs ?? Number.NaN;
  return [
    sender.startMs,
    at(sender, "sent"),
    receiver.startMs,
    at(receiver, "started"),
    at(receiver, "ended"),
    at(receiver, "replied"),
    sender.startMs + sender.durationMs,
  ];
}

test("createTelemetry makes a trace of a call over three nodes whose legs sum to the measured latency within a tick", async () => {
  const { world, caller, telemetry } = await makeHopsWorld({ ratio: 1 });
  const beganMs = caller.clock.monotonic();
  await world.settle(caller.life.client(First).ask({ tag: "a" }));
  const tookMs = caller.clock.monotonic() - beganMs;
  const spans = [...telemetry.values()].flatMap((one) => one.spans());
  assert.equal(spans.length, 6);
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const receivers = spans.filter(({ side }) => side === "receiver");
  let ownMs = 0;
  for (const receiver of receivers) {
    const sender = byId.get(receiver.parentId) ?? assert.fail("a receiver's span has its sender's for a parent");
    const legs = legsOf(sender, receiver);
    const inner = spans.find(({ parentId }) => parentId === receiver.spanId);
    for (const [index, at] of legs.slice(1).entries())
      assert.ok(at - (legs[index] ?? Number.NaN) >= -1e-6, `leg ${index}`);
    const sum = legs.slice(1).reduce((all, at, index) => all + at - (legs[index] as number), 0);
    ownMs += sum - (inner?.durationMs ?? 0);
  }
  const root = spans.find(({ parentId }) => parentId === "") ?? assert.fail("no root");
  assert.deepEqual([root.node, root.component, root.side], ["caller", "first", "sender"]);
  const tickMs = 0.001;
  assert.ok(Math.abs(root.durationMs - tookMs) <= tickMs, `${root.durationMs} of ${tookMs}`);
  assert.ok(Math.abs(ownMs - tookMs) <= tickMs, `${ownMs} of ${tookMs}`);
});
