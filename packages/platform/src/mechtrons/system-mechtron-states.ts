import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@orrery/core";
import { createFileStore } from "../stateful/file-store.ts";
import type { PersistRule } from "../stateful/persist-rule.ts";
import { type ReadState, readStateFiles } from "../stateful/read-state-files.ts";
import { openSoleMember, type SoleMember } from "../stateful/sole-member.ts";
import { encodeRecord } from "../stateful/state-record.ts";
import { createForgetfulStore } from "../stateful/state-store.ts";
import { stateFolder } from "../stateful/system-state-folder.ts";
import type { HeldState, HeldStates, MechtronStates } from "./mechtron-states.ts";

/** The only member of mechtrons that have one; stands in their files. */
export const MEMBERS = ["only"];

/** Makes the states of mechtrons in a folder of which this is the only user, each in one of its own. */
export function createMechtronStates(folder: string, clock: Clock): MechtronStates {
  return new FolderStates(folder, clock);
}

/** Names of folders in which mechtrons remember. */
export const STATE_FOLDER: RegExp = /^[0-9a-f]{32}$/;
const folderOf = (address: string) => createHash("sha256").update(address).digest("hex").slice(0, 32);

interface Open {
  readonly name: string;
  readonly member: Promise<SoleMember>;
}

/** Owns: which states are open. I1: while they are held, none is opened or forgotten. */
class FolderStates implements MechtronStates {
  readonly #place: string;
  readonly #clock: Clock;
  /** By the names of their folders. */
  readonly #open = new Map<string, Open>();
  /** Ends when they are held no more. */
  #holding: Promise<unknown> = Promise.resolve();

  constructor(place: string, clock: Clock) {
    this.#place = place;
    this.#clock = clock;
  }

  async open(name: string, persist: PersistRule): Promise<SoleMember> {
    const clock = this.#clock;
    if (persist === "None") return openSoleMember({ name, clock, store: createForgetfulStore() });
    await this.#notHeld(); // I1
    const folder = folderOf(name);
    const member = openSoleFiles({ name, clock, folder: join(this.#place, folder) });
    const open = { name, member };
    this.#open.set(folder, open);
    const forget = () => void (this.#open.get(folder) === open && this.#open.delete(folder));
    member.catch(forget);
    const opened = await member;
    return {
      handle: (message) => opened.handle(message),
      hold: () => opened.hold(),
      close: () => opened.close().finally(forget),
    };
  }

  async forget(address: string): Promise<void> {
    await this.#notHeld(); // I1
    await rm(join(this.#place, folderOf(address)), { recursive: true, force: true });
  }

  async hold(): Promise<HeldStates> {
    const released = Promise.withResolvers<void>();
    const before = this.#holding;
    this.#holding = before.then(() => released.promise);
    await before;
    const releases = [released.resolve];
    const release = () => {
      for (const one of releases) one();
    };
    try {
      const states: HeldState[] = [];
      const folders = new Set([...this.#open.keys(), ...(await foldersIn(this.#place))]);
      for (const folder of [...folders].sort()) {
        const { state, release: letGo } = await this.#holdOne(folder);
        releases.push(letGo);
        states.push({ folder, read: async () => fileOf(state) });
      }
      return { states, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  async #notHeld(): Promise<void> {
    for (let seen: unknown; seen !== this.#holding; await seen) seen = this.#holding;
  }

  async #holdOne(folder: string): Promise<{ readonly state: ReadState | undefined; readonly release: () => void }> {
    const open = this.#open.get(folder);
    const member = await open?.member.catch(() => undefined);
    if (open === undefined || member === undefined)
      return { state: await readFolder(join(this.#place, folder)), release: () => undefined };
    const { stored, release } = await member.hold();
    return { state: stored && { name: open.name, members: MEMBERS, ...stored }, release };
  }
}

/** The states in a folder that nobody uses, as long as that is so. */
export async function statesAtRest(place: string): Promise<readonly HeldState[]> {
  const folders = await foldersIn(place);
  return folders.map((folder) => ({ folder, read: async () => fileOf(await readFolder(join(place, folder))) }));
}

async function foldersIn(place: string): Promise<readonly string[]> {
  const found = existsSync(place) ? await readdir(place) : [];
  return found.filter((name) => STATE_FOLDER.test(name)).sort();
}

function fileOf(state: ReadState | undefined): Uint8Array | undefined {
  return state && encodeRecord({ kind: "start", ...state }, 0);
}

/** Reads what a mechtron remembers that does not run. */
async function readFolder(folder: string): Promise<ReadState | undefined> {
  const files = await stateFolder(folder)();
  try {
    return await readStateFiles(files, folder);
  } finally {
    await files.close();
  }
}

/** Opens what a mechtron remembers in a folder of its own. @throws OrreryError that says why it cannot be read, or that another process has it. */
export async function openSoleFiles(options: {
  readonly name: string;
  readonly clock: Clock;
  readonly folder: string;
}): Promise<SoleMember> {
  const { name, clock, folder } = options;
  const files = await stateFolder(folder)();
  const store = createFileStore({ files, name, members: MEMBERS, onClose: () => files.close() });
  try {
    return await openSoleMember({ name, clock, store });
  } catch (error) {
    await files.close();
    throw error;
  }
}
