import type { PodVolume } from "../../pod/pod.ts";
import type { PodVolumes } from "./pod-volumes.ts";

/** Options of `fitVolumes`. */
export interface FitOptions {
  readonly pod: string;
  readonly wanted: readonly PodVolume[];
  /** As they are while the pod runs; undefined where it does not. */
  readonly before: readonly PodVolume[] | undefined;
  /** Tells the pod's publisher. */
  readonly tell: (text: string) => void;
}

/**
 * Makes volumes of a pod that are missing, and of one that does not run those as large as they say that are not; one that holds more is left. Gives those
 * of one that runs that are to be of another size, and can be once it does not.
 * @throws OrreryError `failed_precondition` for one that is to be smaller than what it holds, `resource_exhausted` for one that the disk has no room
 * for, before anything is done
 */
export async function fitVolumes(
  volumes: PodVolumes,
  { pod, wanted, before, tell }: FitOptions,
): Promise<readonly PodVolume[]> {
  const sizes = new Map(before?.map(({ name, sizeMiB }) => [name, sizeMiB]));
  const changed = wanted.filter(({ name, sizeMiB }) => (sizes.get(name) ?? sizeMiB) !== sizeMiB);
  for (const volume of changed) await volumes.assertFits(pod, volume);
  await volumes.make(pod, wanted);
  if (before !== undefined) return volumes.unfit(pod, changed);
  await resizeVolumes(volumes, { pod, wanted, tell });
  return [];
}

/** Makes those as large as they say that are not. Nothing of the pod may run. One that cannot be so is left as it is, and that is told. */
export async function resizeVolumes(
  volumes: PodVolumes,
  { pod, wanted, tell }: Omit<FitOptions, "before">,
): Promise<void> {
  for (const volume of volumes.unfit(pod, wanted))
    await volumes.resize(pod, volume).catch((error: unknown) => tell(`left as it was: ${(error as Error).message}`));
}
