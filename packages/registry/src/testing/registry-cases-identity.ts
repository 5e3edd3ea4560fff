import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import type { Registry } from "../registry.ts";
import { VERBS } from "../rights/verbs.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { ANN, OPERATOR, type OpenRegistry } from "./registry-case.ts";

const BOB = { agent: "demo.test:users:bob" };
const ROLE = "demo.test:administrators";
const CI = { agent: `${ANN.agent}:ci` };

/** What users act by, and who is let in whatever happens. */
export function testIdentity(open: OpenRegistry): void {
  const opened = async () => {
    const registry = await open([], { operators: ["operator", ROLE], ownersKnown: true });
    await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    await registry.create({ address: "demo.test:users", kind: "UserBase" }, OPERATOR);
    for (const { agent } of [ANN, BOB]) await registry.create({ address: agent, kind: "User" }, OPERATOR);
    return registry;
  };
  const members = (...who: readonly { readonly agent: string }[]) => ({ members: who.map(({ agent }) => agent) });

  describe("users", () => {
    it("have no two of one name, and go with their list", async () => {
      await using registry = await opened();
      await expectRefusal(registry.create({ address: ANN.agent, kind: "User" }, OPERATOR), "already_exists", "in use");
      const { resources } = await registry.list({ selector: "demo.test:users:*<User>" }, OPERATOR);
      assert.deepEqual(
        resources.map(({ address }) => address),
        [ANN.agent, BOB.agent],
      );
      await registry.remove({ address: "demo.test:users" }, OPERATOR);
      assert.deepEqual((await registry.list({ selector: "**<User>" }, OPERATOR)).resources, []);
    });

    it("have passwords, sessions and tokens that nobody makes or changes but the service of accounts", async () => {
      await using registry = await opened();
      const password = { address: `${ANN.agent}:password`, kind: "Password", properties: { hash: "h" } };
      const owner = { agent: "demo.test:users:bob" };
      await registry.change({ address: "demo.test:users", owner: owner.agent }, OPERATOR);
      await expectRefusal(registry.create(password, owner), "permission_denied", "ask the service that makes it");
      await registry.apply([{ create: password }], OPERATOR);
      const change = { address: password.address, properties: { hash: "other" } };
      await expectRefusal(registry.change(change, owner), "permission_denied", "ask the service that makes it");
      assert.equal((await registry.get(password.address, owner)).properties["hash"], "(secret)");
      const reveal = { address: password.address, property: "hash" };
      await expectRefusal(registry.reveal(reveal, owner), "permission_denied", "only its driver and operators may");
      assert.equal(await registry.reveal(reveal, OPERATOR), "h");
    });
  });

  describe("administrators", () => {
    it("may everything by their role, and nothing once they have it no more", async () => {
      await using registry = await opened();
      await expectRefusal(registry.create({ address: "b.test", kind: "Space" }, ANN), "permission_denied", "no rule");
      await registry.create({ address: ROLE, kind: "Role", properties: members(ANN, BOB) }, OPERATOR);
      assert.equal((await registry.whoami(ANN)).isOperator, true);
      await registry.create({ address: "b.test", kind: "Space" }, ANN);
      await registry.change({ address: ROLE, properties: members(BOB) }, BOB);
      assert.equal((await registry.whoami(ANN)).isOperator, false);
      await expectRefusal(registry.create({ address: "c.test", kind: "Space" }, ANN), "permission_denied", "no rule");
    });

    it("are users that are there, and one at least: not the role goes, nor who has it, however it is asked", async () => {
      await using registry = await opened();
      await registry.create({ address: ROLE, kind: "Role", properties: members(ANN) }, OPERATOR);
      const refused = (asked: Promise<unknown>, why: string) => expectRefusal(asked, "failed_precondition", why);
      const last = `Cannot take the last user from "${ROLE}": nobody could come in`;
      const isOne = (who: string) => `Cannot remove "${who}": it is an administrator by "${ROLE}"`;
      await refused(registry.remove({ address: ROLE }, OPERATOR), last);
      await refused(registry.remove({ address: ROLE }, ANN), last);
      await refused(registry.change({ address: ROLE, properties: members() }, OPERATOR), last);
      await refused(
        registry.change({ address: ROLE, properties: members(ANN, CI) }, OPERATOR),
        "users, and that is none",
      );
      await refused(registry.remove({ address: ANN.agent }, OPERATOR), isOne(ANN.agent));
      await refused(registry.remove({ address: "demo.test:users", recursive: true }, OPERATOR), isOne(ANN.agent));
      await refused(registry.remove({ address: "demo.test", recursive: true }, OPERATOR), last);
      const both = [{ change: { address: ROLE, properties: members(BOB) } }, { remove: { address: BOB.agent } }];
      await refused(registry.apply(both, OPERATOR), last);
      await registry.change({ address: ROLE, properties: members(BOB) }, OPERATOR);
      await registry.remove({ address: ANN.agent }, OPERATOR);
      const [left, right] = await Promise.allSettled([
        registry.change({ address: ROLE, properties: { members: [] } }, OPERATOR),
        registry.remove({ address: BOB.agent }, OPERATOR),
      ]);
      assert.deepEqual([left.status, right.status], ["rejected", "rejected"]);
    });
  });

  describe("tokens", () => {
    const token = async (registry: Registry, scopes: readonly { verbs: string; on: string }[]) => {
      const properties = { proof: "p", scopes };
      await registry.apply(
        [{ create: { address: CI.agent, kind: "ApiToken", owner: ANN.agent, properties } }],
        OPERATOR,
      );
    };

    it("may what their user may, within their scopes, and say which of the two it is", async () => {
      await using registry = await opened();
      await registry.change({ address: "demo.test", owner: ANN.agent }, OPERATOR);
      await registry.create({ address: "demo.test:files", kind: "FileSystem" }, ANN);
      await token(registry, [
        { verbs: "r", on: "demo.test" },
        { verbs: "crw", on: "demo.test:files" },
        { verbs: "r", on: "other.test:**" },
      ]);
      const can = (verb: "read" | "write", address: string) => registry.can({ ...CI, verb, address }, OPERATOR);
      const why = `its scope crw on demo.test:files and ${ANN.agent} owns demo.test:files`;
      assert.deepEqual(await can("write", "demo.test:files"), { allowed: true, rule: "grant", why });
      assert.deepEqual(await can("write", "demo.test"), {
        allowed: false,
        rule: "none",
        why: `the scopes of ${CI.agent} are r on demo.test, crw on demo.test:files, r on other.test:**`,
      });
      const beyond = `${CI.agent} may no more than ${ANN.agent}, and no rule lets ${ANN.agent} read other.test:a`;
      assert.deepEqual(await can("read", "other.test:a"), { allowed: false, rule: "none", why: beyond });
      const { resources } = await registry.list({ selector: "demo.test:**" }, CI);
      assert.deepEqual(
        resources.map(({ address }) => address),
        ["demo.test:files"],
        "to own the space makes nothing in it visible",
      );
    });

    it("own nothing: what they make is their user's; they cannot grant, give away, or be operators", async () => {
      await using registry = await opened();
      await registry.change({ address: "demo.test", owner: ANN.agent }, OPERATOR);
      await token(registry, [{ verbs: "csdrwx", on: "**" }]);
      await registry.create({ address: "demo.test:b", kind: "Base" }, CI);
      assert.equal((await registry.get("demo.test:b", CI)).owner, ANN.agent);
      const properties = { to: "anyone", verbs: "r", on: "demo.test:b" };
      const grant = { address: "demo.test:g", kind: "Grant", properties };
      await expectRefusal(registry.create(grant, CI), "permission_denied", "only who owns");
      const given = { address: "demo.test:b", owner: BOB.agent };
      await expectRefusal(registry.change(given, CI), "permission_denied", "only its owner");
      await registry.create({ address: ROLE, kind: "Role", properties: members(ANN) }, OPERATOR);
      assert.equal((await registry.whoami(ANN)).isOperator, true);
      assert.equal((await registry.whoami(CI)).isOperator, false);
      await registry.remove({ address: CI.agent }, OPERATOR);
      await expectRefusal(registry.get("demo.test:b", CI), "permission_denied", `no rule lets ${CI.agent} read`);
    });

    it("have scopes that can be read, or are not made", async () => {
      await using registry = await opened();
      await expectRefusal(token(registry, [{ verbs: "q", on: "**" }]), "invalid_argument", '"q" is none');
      await expectRefusal(token(registry, [{ verbs: "r", on: "a b" }]), "invalid_argument", "a b");
      await expectRefusal(token(registry, []), "invalid_argument", "fewer than 1 items");
    });

    it("never may more than their user, nor than their scopes, by chance", async () => {
      await using registry = await opened();
      const random = createSeededRandom(7);
      const pick = <T>(from: readonly T[]) => from[random.integer(from.length)] as T;
      const ons = ["demo.test", "demo.test:*", "demo.test:**", "demo.test:b", "demo.test:b:**", "**"];
      for (const address of ["demo.test:b", "demo.test:b:c", "demo.test:d"])
        await registry.create({ address, kind: "Base" }, OPERATOR);
      for (let n = 0; n < 12; n++) {
        const verbs = () => pick(["r", "rw", "csd", "x", "csdrwx"]);
        const granted = { to: ANN.agent, verbs: verbs(), on: pick(ons.slice(0, 5)) };
        const scope = { verbs: verbs(), on: pick(ons) };
        await registry.create({ address: "demo.test:g", kind: "Grant", properties: granted }, OPERATOR);
        await token(registry, [scope]);
        await registry.create(
          {
            address: "demo.test:s",
            kind: "Grant",
            properties: { ...scope, on: scope.on === "**" ? "demo.test:**" : scope.on, to: BOB.agent },
          },
          OPERATOR,
        );
        for (const verb of VERBS)
          for (const address of ["demo.test:b", "demo.test:b:c", "demo.test:d"]) {
            const may = async (agent: string) => (await registry.can({ agent, verb, address }, OPERATOR)).allowed;
            const [user, scoped, both] = [await may(ANN.agent), await may(BOB.agent), await may(CI.agent)];
            assert.equal(both, user && scoped, `${verb} ${address} ${JSON.stringify([granted, scope])}`);
          }
        for (const address of ["demo.test:g", "demo.test:s", CI.agent]) await registry.remove({ address }, OPERATOR);
      }
    });
  });
}
