// Opens a managed PostgreSQL in a folder, twice, and prints what it saw: for tests that run it as another user. Words: FOLDER.
import { statSync } from "node:fs";
import { join } from "node:path";
import { createSystemClock } from "@orrery/core";
import { sql } from "kysely";
import { openManagedPostgres } from "../store/system-managed-postgres.ts";

const [folder = ""] = process.argv.slice(2);
const clock = createSystemClock();

const modeOf = (path: string) => statSync(path).mode & 0o777;

async function write() {
  const database = await openManagedPostgres({ folder, clock });
  try {
    await sql`create table kept (n int)`.execute(database.kysely);
    await sql`insert into kept values (7)`.execute(database.kysely);
    const modes = [modeOf(folder), modeOf(join(folder, "data")), modeOf(join(folder, "password"))];
    return { user: process.getuid?.(), server: statSync(`/proc/${database.pid}`).uid, modes };
  } finally {
    await database.close();
  }
}

async function read() {
  const database = await openManagedPostgres({ folder, clock });
  try {
    const { rows } = await sql`select n from kept`.execute(database.kysely);
    return { rows };
  } finally {
    await database.close();
  }
}

process.stdout.write(`${JSON.stringify({ ...(await write()), ...(await read()) })}\n`);
