import { mkdirSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect } from "kysely";
import type { Database, Tables } from "./database.ts";

/** Options of a database in this process. */
export interface PGliteOptions {
  /** Where it is kept, made where it is missing. Default: in memory, and gone with the process. */
  readonly folder?: string;
  /** A prepared image, as `dumpDataDir` gives it; opens five times as fast as an empty one. Default: none. */
  readonly image?: Blob;
}

/**
 * Opens PostgreSQL as WebAssembly in this process: for tests, the simulator, and runs of one process. Survives the process, not the machine's
 * power. A folder is one opener's alone until `close`, or the end of the process; only Linux watches over that.
 * @throws OrreryError `failed_precondition` where the folder is open already, with the process in the text and in `details.pid`
 */
export async function openPGlite({
  folder,
  image,
}: PGliteOptions = {}): Promise<Database & { readonly pglite: PGlite }> {
  const lock = folder === undefined ? undefined : await takeFolder(folder);
  try {
    const pglite = await PGlite.create({
      ...(folder === undefined ? {} : { dataDir: folder }),
      ...(image === undefined ? {} : { loadDataDir: image }),
      parsers: { 20: (text) => Number(text) },
    });
    const kysely = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
    const close = async () => {
      await kysely.destroy();
      lock?.[Symbol.dispose]();
    };
    const listen: Database["listen"] = async (channel, hear) => {
      const stop = await pglite.listen(channel, hear);
      return () => stop();
    };
    return { kysely, pglite, listen, close };
  } catch (error) {
    lock?.[Symbol.dispose]();
    throw error;
  }
}

/** PGlite itself would let two write the same files, and lose what both wrote. */
async function takeFolder(folder: string): Promise<Disposable | undefined> {
  if (process.platform !== "linux") return undefined;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { lockFolder } = await import("@orrery/mesh/supervise");
  const whose = (pid: number | undefined) => (pid === undefined ? "another process" : `process ${pid}`);
  const refusal = (pid: number | undefined) =>
    `Cannot open PGlite in "${folder}": ${whose(pid)} has it open, close it there first, or choose another folder`;
  return await lockFolder(folder, { purpose: "pglite", refusal });
}
