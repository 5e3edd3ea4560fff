import { type Clock, isOrreryError } from "@orrery/core";
import { lockFolder } from "@orrery/mesh/supervise";
import { UP_FOLDER_LOOK_MS, UP_FOLDER_MS } from "./limits.ts";

/** How a folder is taken. */
export interface TakeFolderOptions {
  /** The folder as somebody typed it. */
  readonly shown: string;
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
  readonly onProgress: (step: string) => void;
}

/**
 * Takes a folder for one `orrery up`, and waits for a moment where another one has it, that may be about to end.
 * @throws OrreryError `failed_precondition` where it is not, with its process
 */
export async function takeFolder(folder: string, { shown, clock, onProgress }: TakeFolderOptions): Promise<Disposable> {
  const lastMs = clock.monotonic() + UP_FOLDER_MS;
  for (let isTold = false; ; isTold = true) {
    try {
      return await lockFolder(folder, { purpose: "up", refusal: (pid) => refusalOf(shown, pid) });
    } catch (error) {
      if (!isOrreryError(error) || error.code !== "failed_precondition" || clock.monotonic() >= lastMs) throw error;
      if (!isTold) onProgress("waiting whether the orrery up that runs over the folder is about to end");
      await clock.sleep(UP_FOLDER_LOOK_MS);
    }
  }
}

function refusalOf(shown: string, pid: number | undefined): string {
  const whose = pid === undefined ? "" : `, process ${pid}`;
  return `Cannot open "${shown}": orrery up runs over it already${whose}, stop that first, or name another folder with --data`;
}
