import { OrreryError } from "@orrery/core";
import { openBwrapBackend } from "./backend/system-bwrap-backend.ts";
import type { PodRuntime } from "./pod-runtime.ts";
import { openRuntimeWith, type RuntimeOptions } from "./system-open-parts.ts";

/** Options of `createProcessRuntime`. */
export interface ProcessRuntimeOptions extends RuntimeOptions {
  /** Whether control groups bound containers where the machine has some. Default: true. */
  readonly hasCgroups?: boolean;
}

/**
 * Runs pods as processes in cages of bubblewrap. As root each copy has a network, each pod a user of its own; without, `lacks` says what is missing.
 * @throws OrreryError `failed_precondition` where cages cannot be had, or another runtime has the folder, with what would help
 */
export async function createProcessRuntime(options: ProcessRuntimeOptions): Promise<PodRuntime> {
  return await openRuntimeWith(options, async (name) => {
    const { hasCgroups = true } = options;
    const backend = await openBwrapBackend({ name, hasCgroups });
    if (typeof backend !== "string") return backend;
    throw new OrreryError("failed_precondition", `Cannot run pods as processes: ${backend}`);
  });
}
