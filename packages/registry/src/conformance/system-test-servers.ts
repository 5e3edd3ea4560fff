import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "@orrery/core";
import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import { openManagedPostgres } from "../store/system-managed-postgres.ts";
import { openPostgres } from "../store/system-postgres.ts";
import { asProgram, findPostgres } from "../store/system-postgres-program.ts";
import { openEmptyDatabase } from "./test-registry.ts";

/** A PostgreSQL of tests. */
export interface TestServer {
  /** An empty database; what the one before had is gone. */
  open(): Promise<Database>;
  /** Another session with the same database. Absent where there is but one. */
  readonly reopen?: () => Promise<Database>;
  close(): Promise<void>;
}

const DEBIAN = "/usr/lib/postgresql/15/bin";

/** The servers on which a registry must work, by what they are. */
export const TEST_SERVERS: Readonly<Record<string, () => Promise<TestServer>>> = {
  PGlite: async () => ({ open: openEmptyDatabase, close: async () => {} }),
  "PostgreSQL 18, managed": async () => startServer(await findPostgres()),
  "PostgreSQL 15 of Debian": async () =>
    startServer(asProgram({ initdb: `${DEBIAN}/initdb`, postgres: `${DEBIAN}/postgres`, version: "15" })),
};

async function startServer(program: Awaited<ReturnType<typeof findPostgres>>): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-registry-"));
  const server = await openManagedPostgres({ folder, clock: createSystemClock(), program });
  const reopen = async () => openPostgres({ url: server.url });
  const open = async () => {
    await sql`drop schema public cascade`.execute(server.kysely);
    await sql`create schema public`.execute(server.kysely);
    return reopen();
  };
  const close = async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { open, reopen, close };
}
