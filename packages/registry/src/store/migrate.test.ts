import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { sql } from "kysely";
import { TEST_SERVERS, type TestServer } from "../conformance/system-test-servers.ts";
import { createRegistry } from "../create-registry.ts";
import { createSecretBox } from "../system-secret-box.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { NAMED, SAFE, SECRET, standingClock } from "../testing/fill-registry.ts";
import { fixtureFile, loadFixture, readFixture } from "../testing/load-fixture.ts";
import { OPERATOR } from "../testing/registry-case.ts";
import type { Database } from "./database.ts";
import { migrate } from "./migrate.ts";
import { MIGRATIONS, type Migration } from "./migrations.ts";

/** A table and its rows: what a step that fails must have undone. */
const half: Migration = {
  name: "9000-half",
  up: async (kysely) => {
    await sql`create table half (n int)`.execute(kysely);
    await sql`update resource set kind = 'Half'`.execute(kysely);
  },
};

for (const [name, start] of Object.entries(TEST_SERVERS))
  describe(`migrate on ${name}`, () => {
    let server: TestServer;
    before(async () => {
      server = await start();
    });
    after(() => server?.close());

    for (const { name: step } of MIGRATIONS.slice(0, -1))
      it(`brings what a registry of schema ${step} kept to the newest, and loses nothing`, () =>
        bringsToNewest(server, step));

    it("refuses a database that is newer, and changes nothing in it", async () => {
      const database = await server.open();
      await loadFixture(database, "0001-resources");
      await migrate(database, [...MIGRATIONS, half]);
      await expectRefusal(migrate(database), "failed_precondition", 'its database has step "9000-half", which this');
      const { rows } = await sql<{ kind: string }>`select distinct kind from resource`.execute(database.kysely);
      assert.deepEqual(rows, [{ kind: "Half" }]);
      await database.close();
    });

    it("leaves everything as it was where a step fails, or ends, in the middle", async () => {
      const database = await server.open();
      await loadFixture(database, "0001-resources");
      const before = await contentOf(database);
      const broken: Migration = {
        name: "9001-broken",
        up: async (kysely) => void (await sql`select 1 / 0`.execute(kysely)),
      };
      await assert.rejects(migrate(database, [...MIGRATIONS, half, broken]), /division by zero/);
      assert.deepEqual(await contentOf(database), before);
      const other = await server.reopen?.();
      if (other !== undefined) {
        const killed: Migration = {
          name: "9001-killed",
          up: async (kysely) => {
            const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(kysely);
            await sql`select pg_terminate_backend(${rows[0]?.pid}, 10000)`.execute(other.kysely);
            await sql`select 1`.execute(kysely);
          },
        };
        await assert.rejects(migrate(database, [...MIGRATIONS, half, killed]));
        assert.deepEqual(await contentOf(other), before);
        await other.close();
      }
      assert.deepEqual(
        await migrate(database),
        MIGRATIONS.slice(1).map(({ name }) => name),
      );
      await database.close();
    });

    it("takes each step once where several servers start at once", async () => {
      const database = await server.open();
      const others = server.reopen === undefined ? [database] : [await server.reopen(), await server.reopen()];
      const taken = await Promise.all([database, ...others].map((one) => migrate(one)));
      assert.deepEqual(
        taken.flat(),
        MIGRATIONS.map(({ name }) => name),
      );
      for (const one of new Set([database, ...others])) await one.close();
    });
  });

describe("MIGRATIONS", () => {
  it("have numbers that rise, and each but the newest a fixture with something of every kind", () => {
    for (const [index, { name }] of MIGRATIONS.entries())
      assert.ok(name.startsWith(`${String(index + 1).padStart(4, "0")}-`), name);
    for (const { name } of MIGRATIONS.slice(0, -1)) {
      assert.ok(existsSync(fixtureFile(name)), `write one by testing/write-fixture.ts before the next step: ${name}`);
      const kinds = readFixture(name).rows.flatMap(({ table, row }) => (table === "resource" ? [row["kind"]] : []));
      assert.ok(new Set(kinds).size >= 14, `${name} has ${[...new Set(kinds)].join(", ")}`);
    }
  });
});

/** All rows of the tables that there are, and their names. */
async function contentOf({ kysely }: Database): Promise<unknown> {
  const tables = await sql`select tablename from pg_tables where schemaname = current_schema() order by 1`.execute(
    kysely,
  );
  const rows = await sql`select address, kind, body::text from resource order by address`.execute(kysely);
  const steps = await sql`select name from migration order by name`.execute(kysely);
  return [tables.rows, rows.rows, steps.rows];
}

async function bringsToNewest(server: TestServer, step: string): Promise<void> {
  const database = await server.open();
  const { key, rows } = await loadFixture(database, step);
  const kept = (table: string) => rows.flatMap((one) => (one.table === table ? [one.row] : []));
  const [head] = kept("registry") as { revision: number; compacted: number }[];
  const secrets = createSecretBox([key]);
  const clock = standingClock();
  const registry = await createRegistry({ database, clock, random: createSeededRandom(2), secrets, kinds: [SAFE] });
  assert.equal(registry.revision(), head?.revision);
  const { resources } = await registry.list({ selector: "**" }, OPERATOR);
  const shown = (body: unknown) => {
    const { secrets: _, lock, ...rest } = body as { secrets: object; lock?: { key: string } };
    const { key: _key, ...seen } = lock ?? { key: "" };
    return lock === undefined ? rest : { ...rest, lock: seen };
  };
  assert.deepEqual(
    resources,
    kept("resource").map(({ body }) => shown(body)),
  );
  assert.equal(await registry.reveal(SECRET, OPERATOR), SECRET.value);
  const revisions: number[] = [];
  for await (const { revision } of registry.watch({ selector: "**", after: head?.compacted ?? 0 }, OPERATOR)) {
    revisions.push(revision);
    if (revision === head?.revision) break;
  }
  assert.deepEqual(
    revisions,
    kept("change").map(({ revision }) => revision),
  );
  const again = await registry.create(NAMED.request, NAMED.by);
  assert.deepEqual([again.changed, again.revision < registry.revision()], [false, true]);
  await registry.create({ address: "demo.test:after", kind: "Base" }, OPERATOR);
  assert.equal(registry.revision(), (head?.revision ?? 0) + 1);
  await registry[Symbol.asyncDispose]();
  await database.close();
}
