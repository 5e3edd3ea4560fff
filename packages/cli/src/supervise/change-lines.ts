import type { Change } from "@orrery/mesh/host";

/** Letters of a version that tell it apart from others of its component, for people. */
const SHORT = 12;

/** What changes, a line for each. */
export function changeLines(changes: readonly Change[]): readonly string[] {
  return changes.map(({ component, kind, from, to }) => {
    const versions = [from, to].filter((version) => version !== "").map((version) => version.slice(0, SHORT));
    return `${kind} ${component} ${versions.join(" by ")}`;
  });
}
