import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "@orrery/core";
import { type Database, openManagedPostgres, openPostgres } from "@orrery/registry";
import { sql } from "kysely";
import { openEmptyDatabase } from "./open-registry.ts";

/** Something that has databases. */
export interface TestServer {
  /** An empty database. */
  open(): Promise<Database>;
  /** Another session with the same database. Absent where there is but one. */
  readonly reopen?: () => Promise<Database>;
  close(): Promise<void>;
}

/** The servers on which what is kept for Spaces must work, by what they are. */
export const TEST_SERVERS: Readonly<Record<string, () => Promise<TestServer>>> = {
  PGlite: async () => ({ open: openEmptyDatabase, close: async () => {} }),
  "PostgreSQL 18 by URL": async () => {
    const folder = mkdtempSync(join(tmpdir(), "orrery-platform-"));
    const server = await openManagedPostgres({ folder, clock: createSystemClock() });
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
  },
};
