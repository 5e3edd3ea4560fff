import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@orrery/core";
import { createFileStore } from "../stateful/file-store.ts";
import { openSoleMember, type SoleMember } from "../stateful/sole-member.ts";
import { createForgetfulStore } from "../stateful/state-store.ts";
import { stateFolder } from "../stateful/system-state-folder.ts";
import type { MechtronStates } from "./mechtron-states.ts";

/** The only member of mechtrons that have one; stands in their files. */
export const MEMBERS = ["only"];

/** Makes the states of mechtrons in a folder, each in one of its own. */
export function createMechtronStates(folder: string, clock: Clock): MechtronStates {
  const folderOf = (address: string) => join(folder, createHash("sha256").update(address).digest("hex").slice(0, 32));
  return {
    open: async (name, persist) => {
      if (persist === "None") return openSoleMember({ name, clock, store: createForgetfulStore() });
      return await openSoleFiles({ name, clock, folder: folderOf(name) });
    },
    forget: (address) => rm(folderOf(address), { recursive: true, force: true }),
  };
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
