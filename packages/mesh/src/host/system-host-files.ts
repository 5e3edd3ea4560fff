import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import { HOST_DEFAULTS, type HostConfig } from "./host-config.ts";
import type { HostMemory, HostRecord } from "./host-core.ts";
import { parseHostFile } from "./parse-host-file.ts";

const HOST_FILE = "host.yaml";

/** File with the key of a host of this machine that the same user runs. */
export function hostKeyFile(name: string): string {
  return join(userFolder(), `k-${name}`);
}

/** A folder of this machine that only the user may enter. */
export function userFolder(): string {
  const folder = join(tmpdir(), `orrery-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700); // Throws when it is another's.
  return folder;
}

/** Reads what a folder says of its host. @throws OrreryError `invalid_argument` with `file:line:column`. */
export function readHostFile(folder: string): HostConfig {
  const file = join(folder, HOST_FILE);
  return existsSync(file) ? parseHostFile(readFileSync(file, "utf8"), { file }) : HOST_DEFAULTS;
}

/** Keeps the record of a host in a file. */
export function recordFile(file: string): HostMemory {
  return {
    load: () => {
      if (!existsSync(file)) return undefined;
      try {
        return JSON.parse(readFileSync(file, "utf8")) as HostRecord;
      } catch (cause) {
        throw new OrreryError("data_loss", `Cannot read "${file}": it is no JSON, take it away`, { cause });
      }
    },
    save: (record) => replace(file, JSON.stringify(record)),
  };
}

/** Writes a file of this user alone: whoever reads sees the old or the new. */
export function replace(file: string, text: string): void {
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, text, { mode: 0o600, flag: "wx" });
  renameSync(`${file}.new`, file);
}

/** Name of this machine, in the letters of names of hosts. */
export function plainHostname(): string {
  return (
    hostname()
      .replace(/[^A-Za-z0-9.-]/g, "-")
      .slice(0, 48) || "host"
  );
}
