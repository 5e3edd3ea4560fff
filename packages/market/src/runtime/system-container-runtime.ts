import { OrreryError } from "@orrery/core";
import { openRuncBackend } from "./backend/system-runc-backend.ts";
import type { PodRuntime } from "./pod-runtime.ts";
import { openRuntimeWith, type RuntimeOptions } from "./system-open-parts.ts";

/** Options of `createContainerRuntime`. */
export type ContainerRuntimeOptions = RuntimeOptions;

/**
 * Runs pods as containers by runc: with users, rights, calls of the kernel and control groups as container engines have them. Needs root.
 * @throws OrreryError `failed_precondition` where containers cannot be had, or another runtime has the folder, with what would help
 */
export async function createContainerRuntime(options: ContainerRuntimeOptions): Promise<PodRuntime> {
  return await openRuntimeWith(options, async (name) => {
    const backend = await openRuncBackend({ name });
    if (typeof backend !== "string") return backend;
    throw new OrreryError("failed_precondition", `Cannot run pods as containers: ${backend}`);
  });
}
