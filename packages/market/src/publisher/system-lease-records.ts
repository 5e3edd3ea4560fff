import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import { openRecordFile } from "../keeper/system-record-file.ts";
import type { LeaseRecord, LeaseRecords } from "./lease-record.ts";
import { LEASE_RECORDS_MAX } from "./limits.ts";

const NAME = /^0x[0-9a-f]{64}\.json$/;

/**
 * Keeps records of leases in a folder, a file for each, which only its user may read. A record is written whole or not at all. Commands that write the
 * same lease at once leave the record of one of them.
 */
export function openLeaseRecords(folder: string): LeaseRecords {
  const fileOf = (name: string) => openRecordFile<LeaseRecord>(join(folder, name));
  const names = async () => {
    const all = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw new OrreryError("failed_precondition", `Cannot read "${folder}": ${error.code}`, { cause: error });
    });
    return all.filter((name) => NAME.test(name));
  };
  return {
    list: async () => {
      const records = await Promise.all((await names()).map(async (name) => await fileOf(name).read()));
      const known = records.filter((record) => record !== undefined);
      return known.sort((a, b) => a.openedAtMs - b.openedAtMs || (a.lease < b.lease ? -1 : 1));
    },
    put: async (record) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const [name, known] = [`${record.lease}.json`, await names()];
      if (!known.includes(name) && known.length >= LEASE_RECORDS_MAX)
        throw new OrreryError(
          "resource_exhausted",
          `Cannot keep more than ${LEASE_RECORDS_MAX} leases in "${folder}": move files of old ones away`,
        );
      await fileOf(name).write(record);
    },
  };
}
