import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sql } from "kysely";
import { openEmptyDatabase, openTestRegistry } from "../conformance/test-registry.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { ANN, OPERATOR } from "../testing/registry-case.ts";
import { checkOwners } from "./check-owners.ts";

const operators = ["operator"];

describe("checkOwners", () => {
  it("finds what was written by hand past the registry, and says why of each", async () => {
    const database = await openEmptyDatabase();
    {
      await using registry = await openTestRegistry({ database, ownersKnown: true });
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create({ address: "demo.test:users", kind: "UserBase" }, OPERATOR);
      for (const name of ["ann", "bob"])
        await registry.create({ address: `demo.test:users:${name}`, kind: "User" }, OPERATOR);
      for (const name of ["a", "b", "c", "d", "e"])
        await registry.create({ address: `demo.test:${name}`, kind: "Base", owner: ANN.agent }, OPERATOR);
      const found = await checkOwners({ registry, database, operators }, OPERATOR);
      assert.deepEqual(found, { resources: 9, owners: 2, steps: 1, brokenCount: 0, broken: [] });
    }
    const owned = (owner: string) => sql`(body::jsonb || jsonb_build_object('owner', ${owner}::text))::json`;
    const plant = async (address: string, owner: string) =>
      sql`update resource set body = ${owned(owner)}, owner = ${owner} where address = ${address}`.execute(
        database.kysely,
      );
    await plant("demo.test:a", "demo.test:users:bob");
    await sql`delete from resource where address = 'demo.test:users:bob'`.execute(database.kysely);
    await plant("demo.test:b", "demo.test:c");
    await sql`update resource set body = (body::jsonb - 'owner')::json, owner = '' where address = 'demo.test:c'`.execute(
      database.kysely,
    );
    await sql`update resource set owner = 'operator' where address = 'demo.test:d'`.execute(database.kysely);
    await using registry = await openTestRegistry({ database, ownersKnown: true });
    const { brokenCount, broken } = await checkOwners({ registry, database, operators }, OPERATOR);
    assert.equal(brokenCount, 4);
    assert.deepEqual(broken, [
      { address: "demo.test:a", owner: "demo.test:users:bob", why: 'there is no "demo.test:users:bob"' },
      { address: "demo.test:b", owner: "demo.test:c", why: '"demo.test:c" is a Base, which acts for nobody' },
      { address: "demo.test:c", owner: "", why: "it has no owner" },
      { address: "demo.test:d", owner: ANN.agent, why: 'the index of owners has "operator"' },
    ]);
    for (const { address } of broken) await registry.change({ address, owner: "operator" }, OPERATOR);
    assert.equal((await checkOwners({ registry, database, operators }, OPERATOR)).brokenCount, 0);
  });

  it("is for operators alone", async () => {
    await using registry = await openTestRegistry();
    const { database } = registry;
    await expectRefusal(
      checkOwners({ registry, database, operators }, ANN),
      "permission_denied",
      `Cannot check owners as "${ANN.agent}": only operators may`,
    );
  });
});
