import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSystemClock } from "@orrery/core";
import { type Database, type ManagedPostgres, openManagedPostgres, openPostgres } from "@orrery/registry";
import { openTestPGlite } from "@orrery/registry/conformance";
import { sql } from "kysely";
import { type StoreLife, testEventStore } from "../testing/event-store-suite.ts";
import { testEvents } from "../testing/events-suite.ts";
import { openSqlEventStore } from "./sql-event-store.ts";

const emptied = async (database: Database): Promise<Database> => {
  await sql`drop schema public cascade`.execute(database.kysely);
  await sql`create schema public`.execute(database.kysely);
  return database;
};

describe("openSqlEventStore, over PGlite", () => {
  let database: Database;
  before(async () => {
    database = await openTestPGlite();
  });
  after(() => database.close());

  const open = async (): Promise<StoreLife> => {
    const store = await openSqlEventStore({ database: await emptied(database), isShared: true });
    return { store, beside: () => openSqlEventStore({ database, isShared: true }), close: async () => {} };
  };
  testEventStore(open);
  testEvents(open);
});

describe("openSqlEventStore, over a managed PostgreSQL", () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-events-"));
  let server: ManagedPostgres;
  before(async () => {
    server = await openManagedPostgres({ folder, clock: createSystemClock() });
  });
  after(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (): Promise<StoreLife> => {
    await emptied(server);
    const databases: Database[] = [];
    const session = async () => {
      const database = openPostgres({ url: server.url });
      databases.push(database);
      return openSqlEventStore({ database, isShared: true });
    };
    const close = async () => {
      for (const database of databases) await database.close();
    };
    return { store: await session(), beside: session, close };
  };
  testEventStore(open);
  testEvents(open);

  it("refuses tables that are newer than it", async () => {
    await openSqlEventStore({ database: await emptied(server) });
    await sql`insert into migration (name) values ('events-9999-later')`.execute(server.kysely);
    await assert.rejects(openSqlEventStore({ database: server }), {
      code: "failed_precondition",
      message: /has step "events-9999-later", which this version does not know/,
    });
  });
});
