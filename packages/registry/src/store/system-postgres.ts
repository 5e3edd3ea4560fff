import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { SESSIONS_MAX } from "../limits.ts";
import type { Database, Tables } from "./database.ts";

/** Options of a PostgreSQL server. */
export interface PostgresOptions {
  /** As in `postgres://user:password@host:5432/database`; never shown in errors. */
  readonly url: string;
  /** Most sessions at once. Default: 8. */
  readonly sessionsMax?: number;
  /** Told when a session that is not in use breaks. Default: nobody. */
  readonly onError?: (error: Error) => void;
}

/** Opens a PostgreSQL server, 15 or newer. Connects when it is first asked. */
export function openPostgres({ url, sessionsMax = SESSIONS_MAX, onError }: PostgresOptions): Database {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, (text) => Number(text));
  const pool = new pg.Pool({ connectionString: url, max: sessionsMax, types });
  pool.on("error", (error) => onError?.(error));
  pool.on("connect", (client) => void client.on("error", () => {})); // Else one that breaks between two queries ends the process.
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { kysely, close: () => kysely.destroy() };
}
