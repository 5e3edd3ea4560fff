import { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect } from "kysely";
import type { Database, Tables } from "./database.ts";

/** Options of a database in this process. */
export interface PGliteOptions {
  /** Where it is kept. Default: in memory, and gone with the process. Nobody else may have it open: there is no lock in it. */
  readonly folder?: string;
  /** A prepared image, as `dumpDataDir` gives it; opens five times as fast as an empty one. Default: none. */
  readonly image?: Blob;
}

/** Opens PostgreSQL as WebAssembly in this process: for tests, the simulator, and runs of one process. Survives the process, not the machine's power. */
export async function openPGlite({
  folder,
  image,
}: PGliteOptions = {}): Promise<Database & { readonly pglite: PGlite }> {
  const pglite = await PGlite.create({
    ...(folder === undefined ? {} : { dataDir: folder }),
    ...(image === undefined ? {} : { loadDataDir: image }),
    parsers: { 20: (text) => Number(text) },
  });
  const kysely = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  return { kysely, pglite, close: () => kysely.destroy() };
}
