import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import type { Kind } from "../kinds/kind.ts";
import type { Registry } from "../registry.ts";
import type { Database } from "../store/database.ts";
import { checkOwners, type OwnersFound } from "../upkeep/check-owners.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { ANN, OPERATOR, type OpenRegistry } from "./registry-case.ts";

/** A kind whose resources act and wait for their driver when they are removed, as apps do. */
const ACTOR: Kind = {
  name: "Actor",
  summary: "Acts",
  parents: ["Space", "Base"],
  segments: ["name"],
  driver: "stage",
};
const KNOWN = { ownersKnown: true };
const ACT = { agent: "demo.test:act" };

/** Whose everything is. */
export function testOwners(open: OpenRegistry): void {
  describe("owners", () => {
    it("are the first operator, for what somebody makes who is nobody", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await grant(registry, { to: "anyone", verbs: "c", on: "demo.test" });
      for (const [name, agent] of [
        ["a", ""],
        ["b", "anonymous"],
      ] as const) {
        await registry.create({ address: `demo.test:${name}`, kind: "Base" }, { agent });
        assert.equal((await registry.get(`demo.test:${name}`, OPERATOR)).owner, "operator");
        await expectRefusal(registry.get(`demo.test:${name}`, { agent }), "permission_denied", "no rule lets");
      }
      await registry.create({ address: "demo.test:c", kind: "Base", owner: "" }, OPERATOR);
      await expectRefusal(registry.get("demo.test:c", { agent: "" }), "permission_denied", "no rule lets");
    });

    it("are those alone from whom a way leads to a User, where they must be known", async () => {
      await using registry = await opened(open);
      await registry.create({ address: "demo.test:b", kind: "Base", owner: ANN.agent }, OPERATOR);
      await registry.create({ address: ACT.agent, kind: "Actor" }, ANN);
      await registry.create({ address: "demo.test:by-act", kind: "Actor" }, ACT);
      const owners = async (address: string) => (await registry.get(address, OPERATOR)).owner;
      assert.deepEqual([await owners(ACT.agent), await owners("demo.test:by-act")], [ANN.agent, ACT.agent]);
      for (const [owner, why] of [
        ["bob", 'there is no "bob"'],
        ["demo.test:users:eve", 'there is no "demo.test:users:eve"'],
        ["demo.test:b", '"demo.test:b" is a Base, which acts for nobody'],
        ["", "it has no owner"],
      ] as const)
        await expectRefusal(
          registry.create({ address: "demo.test:c", kind: "Base", owner }, OPERATOR),
          "failed_precondition",
          `Cannot give "demo.test:c" to "${owner}": ${why}, name a User`,
        );
      await expectRefusal(give(registry, ACT.agent, ACT.agent), "failed_precondition", "nothing owns itself");
      await expectRefusal(give(registry, ACT.agent, "demo.test:by-act"), "failed_precondition", "leads back to itself");
      await registry.create({ address: "demo.test:other", kind: "Actor", owner: ANN.agent }, OPERATOR);
      await expectRefusal(give(registry, ACT.agent, "demo.test:other"), "failed_precondition", "it owns others");
      await give(registry, ACT.agent, "operator");
      assert.deepEqual(await check(registry), { resources: 9, owners: 3, steps: 2, brokenCount: 0, broken: [] });
    });

    it("are no further from a User than a bound", async () => {
      await using registry = await opened(open);
      let owner = ANN.agent;
      for (let n = 1; n <= 8; n++) {
        await registry.create({ address: `demo.test:a${n}`, kind: "Actor", owner }, OPERATOR);
        owner = `demo.test:a${n}`;
      }
      assert.equal((await check(registry)).steps, 8);
      await expectRefusal(
        registry.create({ address: "demo.test:a9", kind: "Actor", owner }, OPERATOR),
        "failed_precondition",
        "the way from it to a User has more than 8 steps",
      );
    });

    it("change by themselves, by owners of what something lies in, and by operators", async () => {
      await using registry = await opened(open);
      await registry.create({ address: "demo.test:users:bob", kind: "User" }, OPERATOR);
      const bob = { agent: "demo.test:users:bob" };
      await registry.create({ address: "demo.test:b", kind: "Base", owner: ANN.agent }, OPERATOR);
      await registry.create({ address: "demo.test:b:c", kind: "Base", owner: bob.agent }, OPERATOR);
      await grant(registry, { to: bob.agent, verbs: "csdrwx", on: "demo.test:b" });
      await expectRefusal(give(registry, "demo.test:b", bob.agent, bob), "permission_denied", "only its owner, owners");
      await give(registry, "demo.test:b:c", ANN.agent, ANN);
      await give(registry, "demo.test:b", bob.agent, ANN);
      await expectRefusal(give(registry, "demo.test:b", ANN.agent, ANN), "permission_denied", "no rule lets");
    });

    it("stay while anything is theirs that would be left, by whoever and together with whatever they go", async () => {
      await using registry = await opened(open);
      await registry.create({ address: "demo.test:b", kind: "Base", owner: ANN.agent }, OPERATOR);
      const kept = `"${ANN.agent}"`;
      await expectRefusal(remove(registry, ANN.agent), "failed_precondition", 'it owns "demo.test:b", give that');
      await expectRefusal(
        remove(registry, "demo.test:users"),
        "failed_precondition",
        `${kept} in it owns "demo.test:b"`,
      );
      await grant(registry, { to: "demo.test:users:bob", verbs: "d", on: "demo.test:users" });
      const byBob = registry.remove({ address: ANN.agent }, { agent: "demo.test:users:bob" });
      await expectRefusal(byBob, "failed_precondition", "it owns what you may not see, give that");
      await registry.apply(
        [{ change: { address: "demo.test:b", owner: "operator" } }, { remove: { address: ANN.agent } }],
        OPERATOR,
      );
      assert.equal((await check(registry)).brokenCount, 0);
    });

    it("pass on what they own to their own owner when they go, where they are no Users", async () => {
      await using registry = await opened(open);
      await registry.create({ address: "demo.test:b", kind: "Base" }, OPERATOR);
      await registry.create({ address: "demo.test:b:other", kind: "Actor", owner: ANN.agent }, OPERATOR);
      await registry.create({ address: ACT.agent, kind: "Actor", owner: "demo.test:b:other" }, OPERATOR);
      await registry.create({ address: "demo.test:made", kind: "Base" }, ACT);
      const owner = async () => (await registry.get("demo.test:made", OPERATOR)).owner;
      await remove(registry, ACT.agent);
      assert.equal(await owner(), "demo.test:b:other");
      await give(registry, "demo.test:b:other", "operator");
      await remove(registry, "demo.test:b");
      assert.equal(await owner(), "operator");
      assert.equal((await check(registry)).brokenCount, 0);
    });

    it("go no sooner than so much is given away that a write can pass on the rest", async () => {
      await using registry = await opened(open);
      await registry.create({ address: ACT.agent, kind: "Actor" }, ANN);
      const made = (n: number) => ({ create: { address: `demo.test:made${n}`, kind: "Base", owner: ACT.agent } });
      await registry.apply(
        Array.from({ length: 1_001 }, (_, n) => made(n)),
        OPERATOR,
      );
      await expectRefusal(remove(registry, ACT.agent), "failed_precondition", 'it owns "demo.test:made0" and others');
      await give(registry, "demo.test:made7", ANN.agent);
      await remove(registry, ACT.agent);
      const { resources } = await registry.list({ selector: "demo.test:*<Base>" }, OPERATOR);
      assert.ok(resources.length > 999 && resources.every(({ owner }) => owner === ANN.agent));
    });

    it("who wait for their end get nothing more, and leave what waits with them to the operator", async () => {
      await using registry = await opened(open);
      await registry.create({ address: "demo.test:b", kind: "Base" }, OPERATOR);
      await registry.create({ address: "demo.test:b:act", kind: "Actor", owner: ANN.agent }, OPERATOR);
      await grant(registry, { to: "demo.test:b:act", verbs: "c", on: "demo.test" });
      await remove(registry, "demo.test:b:act");
      await registry.create({ address: "demo.test:late", kind: "Base" }, { agent: "demo.test:b:act" });
      assert.equal((await registry.get("demo.test:late", OPERATOR)).owner, "operator");
      await give(registry, "demo.test:b", ANN.agent);
      await remove(registry, "demo.test");
      assert.deepEqual(
        (await registry.list({ selector: "**" }, OPERATOR)).resources.map(({ address, owner }) => [address, owner]),
        ["demo.test", "demo.test:b", "demo.test:b:act"].map((address) => [address, "operator"]),
      );
      await registry.change({ address: "demo.test:b:act", finalizers: { done: ["stage"] } }, OPERATOR);
      assert.deepEqual((await registry.list({ selector: "**" }, OPERATOR)).resources, []);
    });

    it("lead to a User after whatever is done", async () => {
      await using registry = await opened(open);
      const random = createSeededRandom(7);
      const pick = <T>(from: readonly T[]) => from[random.integer(from.length)] as T;
      const ends = { done: 0, refused: 0 };
      for (let n = 0; n < 400; n++) {
        const { resources } = await registry.list({ selector: "**" }, OPERATOR);
        const known = () => pick(resources);
        const one = known();
        const kind = one.kind === "UserBase" ? "User" : pick(["Base", "Actor"]);
        const address = `${one.address}:${pick(["x", "y", "z"])}`;
        const isThere = one.address !== "demo.test" && !one.address.endsWith(":users");
        const doing = pick([
          () => registry.create({ address, kind, owner: known().address }, OPERATOR),
          () => registry.create({ address, kind }, { agent: known().address }),
          () => registry.create({ address, kind }, OPERATOR),
          () => registry.change({ address: one.address, owner: known().address }, OPERATOR),
          () => registry.remove({ address: isThere ? one.address : address, recursive: true }, OPERATOR),
          () => registry.change({ address: one.address, finalizers: { done: ["stage"] } }, OPERATOR),
        ]);
        await doing().then(
          () => ends.done++,
          (error: unknown) => (isOrreryError(error) ? ends.refused++ : assert.fail(String(error))),
        );
        if (n % 10 === 0) assert.deepEqual((await check(registry)).broken, [], `after ${n}`);
      }
      assert.ok(ends.done > 60 && ends.refused > 60, JSON.stringify(ends));
    });
  });
}

type TestRegistry = Registry & { readonly database: Database };

/** A registry where owners must be known, with a space and a User. */
async function opened(open: OpenRegistry) {
  const registry = await open([ACTOR], KNOWN);
  await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
  await registry.create({ address: "demo.test:users", kind: "UserBase" }, OPERATOR);
  await registry.create({ address: ANN.agent, kind: "User" }, OPERATOR);
  const to = { verbs: "c", on: "demo.test" };
  for (const agent of [ANN.agent, ACT.agent]) await grant(registry, { to: agent, ...to });
  return registry;
}

let granted = 0;
async function grant(registry: Registry, properties: { to: string; verbs: string; on: string }): Promise<void> {
  await registry.create({ address: `demo.test:g${granted++}`, kind: "Grant", properties }, OPERATOR);
}

function give(registry: Registry, address: string, owner: string, by = OPERATOR) {
  return registry.change({ address, owner }, by);
}

function remove(registry: Registry, address: string) {
  return registry.remove({ address, recursive: true }, OPERATOR);
}

function check(registry: TestRegistry): Promise<OwnersFound> {
  return checkOwners({ registry, database: registry.database, operators: ["operator"] }, OPERATOR);
}
