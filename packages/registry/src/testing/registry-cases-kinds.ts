import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Kind } from "../kinds/kind.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { ANN, OPERATOR, type OpenRegistry } from "./registry-case.ts";

/** A kind that only tests have: the registry knows nothing of it but this. */
const GADGET: Kind = {
  name: "Gadget",
  summary: "Something with a driver",
  parents: ["Space", "Gadget"],
  segments: ["name"],
  driver: "gadgets",
  properties: {
    size: { summary: "How large", schema: { type: "integer", minimum: 1, maximum: 9 }, required: true },
    model: { summary: "Which one", schema: { type: "string" }, default: "plain", constant: true },
    limit: { summary: "Set by whoever owns the space", schema: { type: "integer" }, locked: true },
    password: { summary: "For its driver", schema: { type: "string" }, secret: true },
  },
};

/** What kinds hold resources to. */
export function testKinds(open: OpenRegistry): void {
  describe("kinds", () => {
    it("are data: one that only a test has is held to what it says", async () => {
      await using registry = await open([GADGET]);
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      const create = (properties: Record<string, string | number>) =>
        registry.create({ address: "demo.test:g", kind: "Gadget", properties }, OPERATOR);
      await expectRefusal(create({}), "invalid_argument", "kind Gadget requires it");
      await expectRefusal(create({ size: 10 }), "invalid_argument", "must be <= 9");
      await expectRefusal(create({ size: 1, modle: "x" }), "invalid_argument", 'did you mean "model"?');
      await create({ size: 1 });
      const gadget = await registry.get("demo.test:g", OPERATOR);
      assert.deepEqual(
        [gadget.properties, gadget.status, gadget.finalizers],
        [{ size: 1, model: "plain" }, { state: "Creating" }, ["gadgets"]],
      );
      const change = (properties: Record<string, string>) =>
        registry.change({ address: "demo.test:g", properties }, OPERATOR);
      await expectRefusal(change({ model: "fancy" }), "invalid_argument", "it is constant");
    });

    it("have lives: a status goes only where its kind lets it", async () => {
      await using registry = await open([GADGET]);
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create({ address: "demo.test:g", kind: "Gadget", properties: { size: 1 } }, OPERATOR);
      const set = (state: string, reason?: string) =>
        registry.change(
          { address: "demo.test:g", status: { state, ...(reason === undefined ? {} : { reason }) } },
          OPERATOR,
        );
      await set("Panic", "no such bolt");
      assert.deepEqual((await registry.get("demo.test:g", OPERATOR)).status, {
        state: "Panic",
        reason: "no such bolt",
      });
      await expectRefusal(set("Unreachable"), "failed_precondition", "it may become Creating, Ready, Paused, Unknown");
      await expectRefusal(set("Destroyed"), "failed_precondition", "may not become that");
      await set("Ready");
    });

    it("have drivers, for whom a removal waits, and what it lies in waits for that", async () => {
      await using registry = await open([GADGET]);
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create({ address: "demo.test:g", kind: "Gadget", properties: { size: 1 } }, OPERATOR);
      await registry.remove({ address: "demo.test", recursive: true }, OPERATOR);
      assert.equal((await registry.get("demo.test:g", OPERATOR)).status.state, "Destroying");
      assert.equal((await registry.get("demo.test", OPERATOR)).status.state, "Destroying");
      await expectRefusal(
        registry.create({ address: "demo.test:x", kind: "Base" }, OPERATOR),
        "failed_precondition",
        "is being removed",
      );
      await registry.change({ address: "demo.test:g", finalizers: { done: ["gadgets"] } }, OPERATOR);
      assert.deepEqual((await registry.list({ selector: "**" }, OPERATOR)).resources, []);
    });

    it("have secrets, which nobody sees but their driver", async () => {
      await using registry = await open([GADGET]);
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create(
        { address: "demo.test:g", kind: "Gadget", properties: { size: 1, password: "hunter2" } },
        OPERATOR,
      );
      await registry.change({ address: "demo.test:g", properties: { size: 2 } }, OPERATOR);
      const { resources } = await registry.list({ selector: "**" }, OPERATOR);
      assert.ok(!JSON.stringify(resources).includes("hunter2"));
      assert.equal((await registry.get("demo.test:g", OPERATOR)).properties["password"], "(secret)");
      const secret = { address: "demo.test:g", property: "password" };
      assert.equal(await registry.reveal(secret, OPERATOR), "hunter2");
      await registry.create(
        { address: "demo.test:grant", kind: "Grant", properties: { to: ANN.agent, verbs: "rw", on: "demo.test:**" } },
        OPERATOR,
      );
      await expectRefusal(registry.reveal(secret, ANN), "permission_denied", "only its driver and operators may");
      const rows = await registry.database.kysely.selectFrom("change").selectAll().execute();
      assert.ok(rows.length > 0 && !JSON.stringify(rows).includes("hunter2"));
    });

    it("have properties that only who may write the parent sets", async () => {
      await using registry = await open([GADGET]);
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create(
        { address: "demo.test:g", kind: "Gadget", properties: { size: 1, limit: 5 }, fixed: ["size"] },
        OPERATOR,
      );
      await registry.create(
        { address: "demo.test:grant", kind: "Grant", properties: { to: ANN.agent, verbs: "rw", on: "demo.test:g" } },
        OPERATOR,
      );
      const change = (properties: Record<string, number | string>) =>
        registry.change({ address: "demo.test:g", properties }, ANN);
      await expectRefusal(change({ limit: 6 }), "permission_denied", '"limit" of "demo.test:g"');
      await expectRefusal(change({ size: 2 }), "permission_denied", "it is fixed");
      await change({ password: "new" });
    });

    it("keep state, status and finalizers for drivers and operators, unless they say otherwise", async () => {
      const lenient: Kind = { ...GADGET, name: "Lenient", properties: {}, reserved: ["status"] };
      await using registry = await open([GADGET, lenient]);
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      for (const [name, to] of Object.entries({ ann: ANN.agent, driver: "gadgets" }))
        await registry.create(
          { address: `demo.test:${name}`, kind: "Grant", properties: { to, verbs: "crw", on: "demo.test:**" } },
          OPERATOR,
        );
      const grant = { to: ANN.agent, verbs: "c", on: "demo.test" };
      await registry.create({ address: "demo.test:make", kind: "Grant", properties: grant }, OPERATOR);
      const state = { content: { digest: `sha256:${"a".repeat(64)}`, bytes: 1 } };
      const make = (kind: string, more: object = {}) =>
        registry.create(
          { address: "demo.test:g", kind, ...(kind === "Gadget" ? { properties: { size: 1 } } : {}), ...more },
          ANN,
        );
      await expectRefusal(
        make("Gadget", { state }),
        "permission_denied",
        'Cannot set the state of "demo.test:g" as "demo.test:users:ann": of a Gadget only its driver "gadgets", operators and',
      );
      await make("Gadget");
      await expectRefusal(make("Gadget", { state, strategy: "update" }), "permission_denied", "Cannot set the state");
      const set = (part: object, by: { readonly agent: string } = ANN) =>
        registry.change({ address: "demo.test:g", ...part }, by);
      const parts = {
        state: { state },
        status: { status: { state: "Ready" } },
        finalizers: { finalizers: { done: ["gadgets"] } },
      };
      for (const [name, part] of Object.entries(parts))
        await expectRefusal(set(part), "permission_denied", `Cannot set the ${name} of "demo.test:g"`);
      assert.equal(registry.revision(), 5);
      for (const part of Object.values(parts)) assert.equal((await set(part, { agent: "gadgets" })).changed, true);
      await registry.remove({ address: "demo.test:g" }, OPERATOR);
      await make("Lenient", { state });
      await set({ finalizers: { done: ["gadgets"] } });
      await expectRefusal(set({ status: { state: "Ready" } }), "permission_denied", "of a Lenient only its driver");
    });
  });
}
