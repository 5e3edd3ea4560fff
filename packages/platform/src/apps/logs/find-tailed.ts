import { OrreryError } from "@orrery/core";
import { listPages, type Registry } from "@orrery/registry";
import { LOG_TAIL_APPS } from "./limits.ts";
import { type LogPattern, patternEnters, patternReaches, printLogPattern } from "./log-pattern.ts";
import type { TailedApp } from "./tail-logs.ts";

/** Who looks, and where. */
export interface FindOptions {
  readonly registry: Pick<Registry, "get" | "list">;
  readonly agent: string;
  /** Whether an app may come later, so that none is needed now. */
  readonly isFollowed: boolean;
}

/**
 * The apps of which a pattern means something, as far as an agent may read them.
 * @throws OrreryError `resource_exhausted` where they are too many; where there is none, as `Registry.get` does for what the pattern begins with, else
 * `not_found`
 */
export async function findTailed(
  pattern: LogPattern,
  { registry, agent, isFollowed }: FindOptions,
): Promise<readonly TailedApp[]> {
  const [space = ""] = pattern.steps;
  const found: TailedApp[] = [];
  for await (const { resources } of listPages(registry, space === "**" ? "**<App>" : `${space}:**<App>`, { agent }))
    for (const { address, created } of resources)
      if (patternReaches(pattern, address) || patternEnters(pattern, address)) found.push({ address, created });
  if (found.length > LOG_TAIL_APPS)
    throw new OrreryError(
      "resource_exhausted",
      `Cannot read the logs of "${printLogPattern(pattern)}": it means ${found.length} apps, name up to ${LOG_TAIL_APPS}`,
    );
  if (found.length > 0) return found;
  const wild = pattern.steps.findIndex((step) => step.includes("*"));
  const fixed = wild === -1 ? pattern.steps : pattern.steps.slice(0, wild);
  if (fixed.length > 0) await registry.get(fixed.join(":"), { agent });
  if (isFollowed) return found;
  const text = `Cannot read the logs of "${printLogPattern(pattern)}": it means no app that "${agent}" may read`;
  throw new OrreryError("not_found", text);
}
