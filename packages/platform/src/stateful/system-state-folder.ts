import { createFolderFiles, lockFolder } from "@orrery/mesh/internal";
import type { StateFiles } from "./state-files.ts";

/**
 * Makes what opens a folder for the state of one member of a stateful mechtron. It is made when there is none, only its user may read it, and one
 * process has it at a time. Opening throws OrreryError `failed_precondition` when another has it. Linux only.
 * @example
 * createStatefulMechtron({ ...counter, persist: "ReplicateToFile", files: stateFolder("/var/lib/orrery/state/count") });
 */
export function stateFolder(folder: string): () => Promise<StateFiles> {
  return async () => {
    const files = await createFolderFiles(folder);
    const lock = await lockFolder(folder, {
      purpose: "state",
      refusal: () =>
        `Cannot open the state in "${folder}": another process has it, stop it first or name another folder`,
    });
    return {
      list: () => files.list(),
      read: (name) => files.read(name),
      append: (name, bytes) => files.append(name, bytes),
      sync: (name) => files.sync(name),
      remove: (name) => files.remove(name),
      async close() {
        await files.close();
        lock[Symbol.dispose]();
      },
    };
  };
}
