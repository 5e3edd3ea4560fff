import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { LISTEN_AGAIN_MS, SESSIONS_MAX } from "../limits.ts";
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
  const listeners = new Set<Listening>();
  return {
    kysely,
    listen: async (channel, hear) => {
      const listening = new Listening(url, { channel, hear });
      listeners.add(listening);
      await listening.open();
      return async () => {
        listeners.delete(listening);
        await listening.close();
      };
    },
    close: async () => {
      await Promise.all([...listeners].map((one) => one.close()));
      await kysely.destroy();
    },
  };
}

/** What is heard of one channel. */
interface Channel {
  readonly channel: string;
  readonly hear: (text: string) => void;
}

/** A session that hears what a channel is notified of, and another one when that breaks, until it is closed. */
class Listening {
  readonly #url: string;
  readonly #channel: Channel;
  #client: pg.Client | undefined;
  #again: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(url: string, channel: Channel) {
    this.#url = url;
    this.#channel = channel;
  }

  async open(): Promise<void> {
    const { channel, hear } = this.#channel;
    const client = new pg.Client({ connectionString: this.#url });
    client.on("notification", ({ payload = "" }) => hear(payload));
    client.on("error", () => {}); // It ends then, too.
    try {
      await client.connect();
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    this.#client = client;
    client.once("end", () => this.#reopen());
    if (this.#isClosed) await client.end();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#again);
    await this.#client?.end();
  }

  #reopen(): void {
    if (this.#isClosed) return;
    this.#again = setTimeout(() => {
      this.open().then(
        () => this.#channel.hear(""),
        () => this.#reopen(),
      );
    }, LISTEN_AGAIN_MS);
  }
}
