import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { SecretBox } from "@orrery/registry";
import type { CertificateStore } from "./certificates.ts";
import type { Certificate } from "./system-certificate.ts";

/** Texts in a folder, closed with keys of the platform, and each readable by nobody else. */
export interface SealedFiles {
  read(name: string): string | undefined;
  write(name: string, text: string): void;
  names(): readonly string[];
  remove(name: string): void;
}

/** Opens the files of a folder, which is made where it is missing. */
export function openSealedFiles(folder: string, keys: Pick<SecretBox, "seal" | "open">): SealedFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const fileOf = (name: string) => join(folder, `${name}.sealed`);
  return {
    read: (name) => {
      const file = fileOf(name);
      return existsSync(file) ? keys.open(readFileSync(file, "utf8"), `certificates/${name}`) : undefined;
    },
    write: (name, text) => {
      const file = fileOf(name);
      writeFileSync(`${file}.new`, keys.seal(text, `certificates/${name}`), { mode: 0o600, flush: true });
      renameSync(`${file}.new`, file);
    },
    names: () => readdirSync(folder).flatMap((name) => (name.endsWith(".sealed") ? [name.slice(0, -7)] : [])),
    remove: (name) => rmSync(fileOf(name), { force: true }),
  };
}

const HOST = "host-";

/** Keeps certificates of hosts in such files. */
export function createCertificateStore(files: SealedFiles): CertificateStore {
  return {
    read: async (host) => {
      const text = files.read(`${HOST}${host}`);
      return text === undefined ? undefined : (JSON.parse(text) as Certificate);
    },
    write: async (host, certificate) => files.write(`${HOST}${host}`, JSON.stringify(certificate)),
    hosts: async () => files.names().flatMap((name) => (name.startsWith(HOST) ? [name.slice(HOST.length)] : [])),
    remove: async (host) => files.remove(`${HOST}${host}`),
  };
}
