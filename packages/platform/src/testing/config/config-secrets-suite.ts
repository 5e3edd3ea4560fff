import assert from "node:assert/strict";
import { it } from "node:test";
import { createSecretBox, createSecretKey } from "@orrery/registry";
import { type Kysely, sql } from "kysely";
import { CONFIG_SCHEMA } from "../../config/sql-config-store.ts";
import { expectRefusal } from "../expect-refusal.ts";
import { OTHER, OWNER, type SpaceWorld } from "../space-world.ts";
import { openConfig } from "./open-config.ts";

const WORD = "correct-horse-battery";

/** What config does with secrets, whichever PostgreSQL keeps it. */
export function testConfigSecrets(world: () => SpaceWorld): void {
  /** All that the tables have, as text. */
  const kept = async () => {
    const kysely = world().database.kysely as unknown as Kysely<unknown>;
    const documents = await sql<{
      text: string;
    }>`select row_to_json(one)::text as text from config_document one`.execute(kysely);
    const changes = await sql<{ text: string }>`select row_to_json(one)::text as text from config_change one`.execute(
      kysely,
    );
    return [...documents.rows, ...changes.rows].map(({ text }) => text);
  };

  it("shows secrets to those who may read secrets and ask for them, and masks each for all others", async () => {
    const { config } = await openConfig(world());
    const space = await world().space();
    const value = { user: "ann", deep: { password: WORD, pin: 1234 } };
    await config.set(
      {
        space,
        steps: [
          { path: "db", value, secret: true },
          { path: "db.host", value: "h" },
        ],
      },
      OWNER,
    );
    const masked = { user: "[secret]", deep: { password: "[secret]", pin: "[secret]" }, host: "h" };
    await world().grant(space, "r", "[config]");
    for (const by of [OWNER, OTHER]) {
      const got = await config.get({ space, path: "db" }, by);
      assert.deepEqual([got.value, got.secretPaths], [masked, ["db.user", "db.deep.password", "db.deep.pin"]]);
      assert.equal((await config.get({ space, path: "db.deep.password" }, by)).value, "[secret]");
    }
    const open = { space, path: "db", secrets: true };
    assert.deepEqual((await config.get(open, OWNER)).value, { ...value, host: "h" });
    await expectRefusal(config.get(open, OTHER), "permission_denied", `read ${space}:[secrets]`);
    await world().grant(space, "r", "[secrets]");
    assert.deepEqual((await config.get(open, OTHER)).value, { ...value, host: "h" });
    const { changes } = await config.history({ space, path: "db.deep.pin" }, OWNER);
    assert.deepEqual(changes[0]?.paths, [{ path: "db.deep.pin", secret: true }]);
    await config.set({ space, steps: [{ path: "db.deep.password", value: "[secret]" }] }, OWNER);
    assert.deepEqual((await config.get({ space, path: "db" }, OWNER)).secretPaths, ["db.user", "db.deep.pin"]);
  });

  it("keeps no secret that can be read, nor one that opens elsewhere", async () => {
    const { config, store } = await openConfig(world());
    const [space, other] = [await world().space(), await world().space()];
    await config.set({ space, steps: [{ path: "a", value: WORD, secret: true }] }, OWNER);
    const rows = await kept();
    assert.ok(rows.some((row) => row.includes('{"s":"')));
    assert.ok(!rows.join("\n").includes(WORD));
    const id = async (name: string) =>
      (await world().spaces.enter({ space: name, service: "config", verb: "read" }, OWNER)).id;
    const stolen = await store.read({ space: await id(space), scope: "" });
    const document = stolen?.document ?? "";
    await store.change({ space: await id(other), scope: "" }, () => ({ document }));
    await expectRefusal(
      config.get({ space: other, path: "a", secrets: true }, OWNER),
      "data_loss",
      "of another resource",
    );
  });

  it("closes all of them with a new key when keys are turned over, and changes nothing else", async () => {
    const [old, fresh] = [createSecretKey(), createSecretKey()];
    const space = await world().space();
    const before = (await openConfig(world(), { box: createSecretBox([old]) })).config;
    await before.set(
      {
        space,
        steps: [
          { path: "a.b", value: WORD, secret: true },
          { path: "c", value: 1 },
        ],
      },
      OWNER,
    );
    await before.set({ space, scope: "app", steps: [{ path: "x", value: [WORD], secret: true }] }, OWNER);
    const both = await openConfig(world(), { box: createSecretBox([fresh, old]) });
    const others = (await both.store.scopes(undefined, 1_000)).filter((one) => !one.document.includes(old.id));
    for (const { space: id } of others) await both.store.drop(id); // Of other tests, whose keys are gone.
    assert.equal(await both.config.reseal(), 2);
    const { config } = await openConfig(world(), { box: createSecretBox([fresh]) });
    const shown = await config.get({ space, secrets: true }, OWNER);
    assert.deepEqual([shown.value, shown.version], [{ a: { b: WORD }, c: 1 }, 1]);
    assert.deepEqual((await config.get({ space, scope: "app", path: "x", secrets: true }, OWNER)).value, [WORD]);
    assert.ok(!(await kept()).join("\n").includes(old.id));
    const keysOf = CONFIG_SCHEMA.tables[0]?.keysOf ?? (() => []);
    assert.deepEqual(new Set((await kept()).flatMap((row) => [...keysOf(row)])), new Set([fresh.id]));
  });

  it("refuses to set or show a secret without a key, sets nothing of it, and masks as ever", async () => {
    const space = await world().space();
    const { config: closed } = await openConfig(world());
    await closed.set({ space, steps: [{ path: "old", value: WORD, secret: true }] }, OWNER);
    const { config } = await openConfig(world(), { box: undefined });
    const steps = [
      { path: "plain", value: 1 },
      { path: "word", value: WORD, secret: true },
    ];
    const why = "the platform has no key for secrets";
    await expectRefusal(config.set({ space, steps }, OWNER), "failed_precondition", `Cannot set secret "word": ${why}`);
    await expectRefusal(config.get({ space, secrets: true }, OWNER), "failed_precondition", why);
    assert.deepEqual((await config.get({ space }, OWNER)).value, { old: "[secret]" });
    const lost = (await openConfig(world())).config; // Of another key.
    await expectRefusal(lost.get({ space, secrets: true }, OWNER), "data_loss", "is not in the key file");
  });
}
