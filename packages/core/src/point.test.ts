import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import type { Context } from "./context.ts";
import { defineService } from "./contract-schema.ts";
import { json } from "./json-body.ts";
import type { NodeOptions } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import type { PointHit } from "./point.ts";
import { settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

const Till = defineService("till", {
  charge: { request: json<{ amount: number }>(), reply: json<{ charges: number }>() },
  note: { mode: "async", request: json<{ amount: number }>() },
  list: { mode: "stream", request: json<number>(), reply: json<number>() },
});

type Work = (amount: number, context: Context) => Promise<void>;

/** A till that counts what it was asked and does one thing in every method. */
function till(work: Work) {
  return defineComponent(Till, () => {
    let charges = 0;
    return {
      async charge({ amount }, context) {
        charges++;
        await work(amount, context);
        return { charges };
      },
      note: ({ amount }, context) => work(amount, context),
      async *list(upTo, context) {
        await work(upTo, context);
        yield upTo;
      },
    };
  });
}

const pass: Work = (amount, context) => context.point("after-charge", { amount });

test("point gives one settled promise for all where nobody listens", async () => {
  const seen: unknown[] = [];
  const { node } = await startTestNode([
    till(async (_, context) => {
      seen.push(context.point("a"), context.point("b", { data: 1 }));
    }),
  ]);
  await node.client(Till).charge({ amount: 1 });
  await node.client(Till).charge({ amount: 1 });
  assert.equal(seen.length, 4);
  assert.equal(new Set(seen).size, 1);
  assert.equal(await seen[0], undefined);
});

test("point tells the hook who came by, with what, in which message", async () => {
  const hits: PointHit[] = [];
  const { node } = await startTestNode([till(pass)], { onPoint: (hit) => void hits.push(hit) });
  const flow = node.beginFlow("checkout");
  await node.client(Till).charge({ amount: 5 }, { flow, agent: "ann" });
  const hit = hits[0] ?? assert.fail("no hit");
  const { name, data, component, method, agent, source } = hit;
  assert.deepEqual(
    { name, data, component, method, agent, node: hit.node, from: source.node },
    {
      name: "after-charge",
      data: { amount: 5 },
      component: "till",
      method: "charge",
      agent: "ann",
      node: "here",
      from: "here",
    },
  );
  assert.equal(hit.flow.id, flow.id);
  assert.match(hit.instance, /^till\.0-/);
  assert.ok(hit.messageId > flow.id);
});

test("point keeps the handler waiting for what the hook gives", async () => {
  const { node, clock } = await startTestNode([till(pass)], { onPoint: () => clock.sleep(50) });
  let replied = false;
  const call = node
    .client(Till)
    .charge({ amount: 1 })
    .then(() => {
      replied = true;
    });
  await clock.advance(49);
  assert.equal(replied, false);
  await clock.advance(1);
  await call;
});

const failures: Readonly<Record<string, NonNullable<NodeOptions["onPoint"]>>> = {
  throws: () => {
    throw new OrreryError("unavailable", "The bank is closed");
  },
  rejects: () => Promise.reject(new OrreryError("unavailable", "The bank is closed")),
};

for (const [how, onPoint] of Object.entries(failures)) {
  test(`point lets the handler have what the hook ${how}`, async () => {
    const { node } = await startTestNode([till(pass)], { onPoint });
    const outcome = await outcomeOf(node.client(Till).charge({ amount: 1 }));
    assert.equal(outcome.kind, "error");
    assert.match(outcome.error.message, /The bank is closed/);
  });
}

test("duplicate handles the message once more after those that wait, and the caller sees one reply", async () => {
  const amounts: number[] = [];
  const work: Work = (amount, context) => {
    amounts.push(amount);
    return context.point("after-charge");
  };
  for (const local of ["copy", "encode"] as const) {
    amounts.length = 0;
    const onPoint = (hit: PointHit) => hit.duplicate();
    const { node } = await startTestNode([till(work)], { onPoint, local });
    const client = node.client(Till);
    const replies = await Promise.all([1, 2, 3].map((amount) => client.charge({ amount })));
    await settle();
    // The first is alone when it comes to its point; the second finds the third waiting.
    assert.deepEqual(amounts, [1, 1, 2, 3, 2, 3]);
    assert.deepEqual(replies, [{ charges: 1 }, { charges: 3 }, { charges: 4 }]);
  }
});

test("duplicate repeats a one-way message", async () => {
  const amounts: number[] = [];
  const work: Work = (amount, context) => {
    amounts.push(amount);
    return context.point("noted");
  };
  const { node } = await startTestNode([till(work)], { onPoint: (hit) => hit.duplicate() });
  await node.send(Till).note({ amount: 4 }).accepted;
  await settle();
  assert.deepEqual(amounts, [4, 4]);
});

test("duplicate refuses a stream, and tells its handler", async () => {
  const { node } = await startTestNode([till(pass)], { onPoint: (hit) => hit.duplicate() });
  await assert.rejects(node.client(Till).list(1).next(), {
    code: "failed_precondition",
    message:
      'Cannot repeat "till.list" at point "after-charge": it has opened a stream, only messages of other modes can come twice',
  });
});

test("crash ends the instance, whose place another takes", async () => {
  let hits = 0;
  const { node } = await startTestNode([till(pass)], {
    onPoint: (hit) => {
      if (++hits > 1) return;
      hit.crash(new Error("the power went"));
      return new Promise(() => undefined);
    },
  });
  const client = node.client(Till);
  const outcome = await outcomeOf(client.charge({ amount: 1 }));
  assert.equal(outcome.kind === "reply" ? "" : outcome.error.reason, "instance_crashed");
  await settle();
  assert.deepEqual(await client.charge({ amount: 1 }), { charges: 1 });
});

test("maybe says no where nobody decides, and else what the hook says", async () => {
  const answers: boolean[] = [];
  const work: Work = async (_, context) => {
    answers.push(context.maybe("cache-miss"), context.maybe("slow-disk"));
  };
  const { node: plain } = await startTestNode([till(work)]);
  await plain.client(Till).charge({ amount: 1 });
  const sites: unknown[] = [];
  const { node } = await startTestNode([till(work)], {
    maybe: ({ name, node, component, flow }) => {
      sites.push([name, node, component, flow.node]);
      return name === "cache-miss";
    },
  });
  await node.client(Till).charge({ amount: 1 });
  assert.deepEqual(answers, [false, false, true, false]);
  assert.deepEqual(sites, [
    ["cache-miss", "here", "till", "here"],
    ["slow-disk", "here", "till", "here"],
  ]);
});
