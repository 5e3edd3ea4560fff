import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createNode, defineComponent, defineService, json, type Node } from "@orrery/core";
import { openTestRegistry } from "../conformance/test-registry.ts";
import type { Registry } from "../registry.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { ANN, OPERATOR } from "../testing/registry-case.ts";
import { guardDriver } from "./guard-driver.ts";

const Bells = defineService("bells", {
  ring: { request: json<{ address?: string }>(), reply: json<{ rings: number }>() },
  hear: { request: json<{ address: string }>(), reply: json<{ ring: number }>(), mode: "stream" },
  mute: { request: json<{ address: string }>(), mode: "async" },
});

/** Counts what comes through. */
class Bell {
  rings = 0;
  async ring() {
    return { rings: ++this.rings };
  }
  async *hear() {
    this.rings++;
    yield { ring: 1 };
  }
  async mute() {
    this.rings++;
  }
}

describe("guardDriver", () => {
  const bell = new Bell();
  let registry: Awaited<ReturnType<typeof openTestRegistry>>;
  const nodes = new Map<string, Node>();
  before(async () => {
    registry = await openTestRegistry();
    await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    await registry.create({ address: "demo.test:bell", kind: "Base" }, OPERATOR);
    const rights = { can: (question: Parameters<Registry["can"]>[0]) => registry.can(question, OPERATOR) };
    for (const agent of [ANN.agent, "", "operator"]) {
      const components = [
        guardDriver(
          defineComponent(Bells, () => bell),
          rights,
        ),
      ];
      const node = createNode({ components, ...(agent !== "" && { agent }) });
      await node.start();
      nodes.set(agent, node);
    }
  });
  after(async () => {
    for (const node of nodes.values()) await node.stop();
    await registry[Symbol.asyncDispose]();
  });
  const as = (agent: string) => (nodes.get(agent) as Node).client(Bells);
  const address = "demo.test:bell";
  const heard = async (agent: string) => {
    for await (const _ of as(agent).hear({ address }));
  };

  it("lets nobody through without a right to execute, in any mode, and tells the driver nothing", async () => {
    for (const agent of [ANN.agent, ""]) {
      const why = `no rule lets ${agent || "anonymous"} execute demo.test:bell, ask an owner for a grant`;
      await expectRefusal(as(agent).ring({ address }), "permission_denied", why);
      await expectRefusal(heard(agent), "permission_denied", why);
      await (nodes.get(agent) as Node).send(Bells).mute({ address }).accepted;
    }
    await expectRefusal(as("operator").ring({}), "invalid_argument", "its message names no resource, give its address");
    assert.equal(bell.rings, 0);
  });

  it("asks for each message: a grant counts at once, and ends at once", async () => {
    const properties = { to: ANN.agent, verbs: "x", on: address };
    await registry.create({ address: "demo.test:g", kind: "Grant", properties }, OPERATOR);
    assert.deepEqual(await as(ANN.agent).ring({ address }), { rings: 1 });
    await heard(ANN.agent);
    await expectRefusal(as(ANN.agent).ring({ address: "demo.test" }), "permission_denied", "execute demo.test");
    await registry.remove({ address: "demo.test:g" }, OPERATOR);
    await expectRefusal(as(ANN.agent).ring({ address }), "permission_denied", "no rule lets");
    assert.deepEqual(await as("operator").ring({ address }), { rings: 3 });
  });
});
