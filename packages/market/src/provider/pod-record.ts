import { OrreryError } from "@orrery/core";
import type { RecordStore } from "../keeper/record-store.ts";
import { parseRecord, printRecord } from "../keeper/record-text.ts";
import type { Account, Digest } from "../lease/terms.ts";
import type { LedgerStore } from "../meter/ledger-store.ts";
import type { PublicAddress } from "../ports/system-open-pod.ts";

/** States of a pod, as its publisher is told. */
export const POD_STATES = ["deploying", "running", "warned", "suspended", "kept", "failed", "deleted"] as const;

/** One of them. */
export type PodState = (typeof POD_STATES)[number];

/** What a provider keeps of a pod beside what is sealed: enough to run it again after a restart, and no secret. */
export interface PodRecord {
  readonly version: 1;
  readonly lease: Digest;
  /** Who opened the lease. */
  readonly publisher: Account;
  /** JSON of the quote. */
  readonly quote: string;
  /** JSON of the sealed pod that runs. */
  readonly pod: string;
  readonly keys: readonly KeptKey[];
  /** How its ports are reached: it has the same addresses again after a restart. */
  readonly addresses: readonly PublicAddress[];
  readonly state: PodState;
  /** Why it is not running, or is warned. */
  readonly why: string;
  /** Whether the chain said that the lease began. */
  readonly isStarted: boolean;
  /** Ms since 1970. */
  readonly deployedAtMs: number;
}

/** A key of an artifact as it came: closed for the keys of the pod. */
export interface KeptKey {
  readonly artifact: string;
  readonly wrap: string;
}

/** Files of one lease, which only the provider's user may read. */
export interface LeaseFolder {
  /** A file; undefined where there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Puts a file in the place of one before, all or nothing. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Puts bytes at the end of a file, made where there is none. Nobody waits for the disk to have them: a machine that falls may lose or tear the last ones. */
  append(name: string, bytes: Uint8Array): Promise<void>;
  /** Where lines of the lease's ledger are kept. */
  ledger(): Promise<LedgerStore>;
  /** Takes all of it away. */
  remove(): Promise<void>;
}

/** A folder for each lease. */
export interface LeaseFolders {
  /** Those that there are, in rising order. */
  list(): Promise<readonly Digest[]>;
  /** The folder of a lease, made when something is written. */
  of(lease: Digest): LeaseFolder;
}

const RECORD = "record.json";
const SESSION = "session.sealed";

/** Writes the record of a lease. */
export async function writePodRecord(folders: LeaseFolders, record: PodRecord): Promise<void> {
  await folders.of(record.lease).write(RECORD, text(`${JSON.stringify(record, undefined, 2)}\n`));
}

/** Reads it; undefined where a fall came before it was written. @throws OrreryError `data_loss` for what is no record */
export async function readPodRecord(folders: LeaseFolders, lease: Digest): Promise<PodRecord | undefined> {
  const bytes = await folders.of(lease).read(RECORD);
  if (bytes === undefined) return undefined;
  try {
    const record = JSON.parse(new TextDecoder().decode(bytes)) as PodRecord;
    const isRecord = record.version === 1 && record.lease === lease && POD_STATES.includes(record.state);
    if (isRecord) return record;
  } catch {
    // It is said below.
  }
  throw new OrreryError("data_loss", `Cannot read the record of lease ${lease}: restore its folder from a copy`);
}

/** Keeps the keys of a pod, which were sealed. */
export async function writeSealedSession(folders: LeaseFolders, lease: Digest, sealed: Uint8Array): Promise<void> {
  await folders.of(lease).write(SESSION, sealed);
}

/** Reads them, sealed as they are. */
export function readSealedSession(folders: LeaseFolders, lease: Digest): Promise<Uint8Array | undefined> {
  return folders.of(lease).read(SESSION);
}

/** A record with amounts of money in a file of a lease. */
export function recordStore<T>(folder: LeaseFolder, name: string): RecordStore<T> {
  return {
    read: async () => {
      const bytes = await folder.read(name);
      return bytes === undefined ? undefined : parseRecord<T>(new TextDecoder().decode(bytes), `"${name}"`);
    },
    write: (record) => folder.write(name, text(printRecord(record))),
  };
}

/** File of an artifact of a lease. */
export function artifactFile(digest: string): string {
  return `artifact-${digest.slice("sha256:".length)}`;
}

function text(said: string): Uint8Array {
  return new TextEncoder().encode(said);
}
