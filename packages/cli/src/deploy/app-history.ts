import { parseAddress, type ResourceMessage } from "@orrery/registry/service";

/** A release that ran. */
export interface RanRelease {
  /** Address of its file, with its version. */
  readonly config: string;
  /** When it came, in ms since 1970. */
  readonly atMs: number;
}

/** What ran of an app, the last first. */
export function historyOf({ status }: ResourceMessage): readonly RanRelease[] {
  const { history = [] } = (status?.details ?? {}) as { history?: readonly RanRelease[] };
  return history;
}

/** What takes calls of an app; empty for nothing. */
export function runningOf({ status }: ResourceMessage): string {
  return String((status?.details as Readonly<Record<string, unknown>> | undefined)?.["runs"] ?? "");
}

/** The version, or the tag, in the address of an app's file. */
export function versionOf(config: string): string {
  try {
    return parseAddress(config).segments.at(-1)?.text ?? "";
  } catch {
    return ""; // As it may be relative.
  }
}

/** The address of a bundle in that of a file in it. */
export function bundleOf(config: string): string {
  const at = config.indexOf(":/");
  return at < 0 ? config : config.slice(0, at);
}
