import { chmodSync } from "node:fs";
import { userInfo } from "node:os";
import { basename, dirname, join } from "node:path";
import { createSystemClock } from "@orrery/core";
import { type Database, openManagedPostgres, openPGlite, openPostgres } from "@orrery/registry";
import { usageError } from "../command-error.ts";

/** A database, and what is to be told of it. */
export interface OpenedDatabase extends Database {
  /** Such as `PostgreSQL 18`. */
  readonly name: string;
  /** Whether others may write to it, too. */
  readonly isShared: boolean;
  /** Whether it ran already, left by a process that died. */
  readonly isFound: boolean;
  /** Process of a server that is managed here; 0 for none. */
  readonly pid: number;
}

/** Opens the database that was asked for. @throws CommandError for a word that is none, OrreryError as the ones of the registry */
export async function openDatabase(
  folder: string,
  { database, onProgress }: { database: string; onProgress: (step: string) => void },
): Promise<OpenedDatabase> {
  if (database === "embedded") {
    if (userInfo().uid === 0) letThrough(folder);
    const clock = createSystemClock();
    const server = await openManagedPostgres({ folder: join(folder, "postgres"), clock, onProgress });
    return { ...server, name: "PostgreSQL 18", isShared: false };
  }
  if (database === "pglite") {
    onProgress("opening PGlite");
    const pglite = await openPGlite({ folder: join(folder, "pglite") });
    return { ...pglite, name: "PGlite", isShared: false, isFound: false, pid: 0 };
  }
  if (!/^postgres(ql)?:\/\//.test(database))
    throw usageError(
      `Cannot read flag --database: "${database}" is none, write embedded, pglite, or a URL such as postgres://user:password@host:5432/name`,
    );
  return { ...openPostgres({ url: database }), name: "PostgreSQL by URL", isShared: true, isFound: false, pid: 0 };
}

/** The server runs as another user then, and must get to its own folder; what lies beside it stays closed by itself. */
function letThrough(folder: string): void {
  chmodSync(folder, 0o711);
  const above = dirname(folder);
  if (basename(above) === ".orrery") chmodSync(above, 0o711);
}
