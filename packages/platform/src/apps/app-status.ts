import type { Status } from "@orrery/registry";

/** One state of something that runs. */
interface Release {
  readonly id: string;
  readonly source: string;
}

/** What something is to be. */
export type FoundToRun =
  | { readonly kind: "release"; readonly release: Release }
  | { readonly kind: "waits"; readonly why: string; readonly waits: readonly string[] }
  | { readonly kind: "refused"; readonly why: string };

/** How it stands. */
export interface RunStand {
  readonly release: Release | undefined;
  readonly isReady: boolean;
  readonly failed: { readonly release: string; readonly why: string } | undefined;
}

/** Says how an app or a mechtron is, from what it is to be and how it stands. */
export function statusOf(found: FoundToRun, stand: RunStand): Status {
  const wanted = found.kind === "release" ? found.release : undefined;
  const { release, isReady, failed } = stand;
  const facts = {
    ...(release && { runs: release.source }),
    ...(found.kind === "waits" && { waits: found.waits }),
  };
  const details = Object.keys(facts).length === 0 ? {} : { details: facts };
  if (release !== undefined && isReady) {
    if (wanted?.id === release.id) return { state: "Ready", ...details };
    return { state: "Ready", reason: `${whyNot(found, stand)}; ${release.source} runs on`, ...details };
  }
  if (wanted === undefined)
    return { state: found.kind === "waits" ? "Creating" : "Panic", reason: whyNot(found, stand), ...details };
  if (failed?.release === wanted.id) return { state: "Panic", reason: failed.why, ...details };
  return { state: "Creating", reason: `${wanted.source} is starting`, ...details };
}

function whyNot(found: FoundToRun, { failed }: RunStand): string {
  if (found.kind !== "release") return found.why;
  const { id, source } = found.release;
  return failed?.release === id ? `${source} was put back: ${failed.why}` : `${source} is about to take its place`;
}
