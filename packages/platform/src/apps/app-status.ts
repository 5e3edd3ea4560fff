import type { Status } from "@orrery/registry";
import type { FoundRelease } from "./app-release.ts";
import type { AppStand } from "./app-runtime.ts";

/** Says how an app is, from what it is to be and how it stands. */
export function statusOf(found: FoundRelease, stand: AppStand): Status {
  const wanted = found.kind === "release" ? found.release : undefined;
  const { release, isReady, failed } = stand;
  const details = release === undefined ? {} : { details: { runs: release.source } };
  if (release !== undefined && isReady) {
    if (wanted?.id === release.id) return { state: "Ready", ...details };
    return { state: "Ready", reason: `${whyNot(found, stand)}; ${release.source} runs on`, ...details };
  }
  if (wanted === undefined)
    return { state: found.kind === "waits" ? "Creating" : "Panic", reason: whyNot(found, stand) };
  if (failed?.release === wanted.id) return { state: "Panic", reason: failed.why, ...details };
  return { state: "Creating", reason: `${wanted.source} is starting`, ...details };
}

function whyNot(found: FoundRelease, { failed }: AppStand): string {
  if (found.kind !== "release") return found.why;
  const { id, source } = found.release;
  return failed?.release === id ? `${source} was put back: ${failed.why}` : `${source} is about to take its place`;
}
