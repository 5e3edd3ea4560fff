import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { OrreryError } from "@orrery/core";
import { openCgroups } from "@orrery/mesh/internal";
import type { Isolation } from "@orrery/mesh/supervise";
import { CAGE_TRIAL_MS } from "./limits.ts";
import { noIsolation } from "./no-isolation.ts";
import { createBwrapIsolation } from "./system-bwrap.ts";
import { shownCode } from "./system-shown-code.ts";

/** Which isolation is asked for: what can be had, a cage or no start, or none. */
export const ISOLATIONS = ["auto", "cage", "none"] as const;

/** One of them. */
export type IsolationWish = (typeof ISOLATIONS)[number];

/** Options of `openIsolation`. */
export interface OpenIsolationOptions {
  /** What is asked for. */
  readonly wish: IsolationWish;
  /** Folder of all that the platform keeps, which no cage shows. */
  readonly data: string;
  /** Whether strangers may run code: then it is a cage or an error. Default: false. */
  readonly hasStrangers?: boolean;
}

/** Packages by which the code of an app is served, and which it may import. */
const PACKAGES = ["@orrery/platform", "@orrery/mesh", "@orrery/core", "@orrery/registry"];
const INSTALL = "install bubblewrap (apt install bubblewrap)";

/**
 * Opens what keeps the processes of apps from one another and from the machine, after a trial.
 * @throws OrreryError `failed_precondition` where a cage is asked for, or strangers may run code, and none can be had
 */
export function openIsolation({ wish, data, hasStrangers = false }: OpenIsolationOptions): Isolation {
  if (wish === "none" && hasStrangers)
    throw new OrreryError(
      "failed_precondition",
      "Cannot let strangers sign up with isolation none: their code could read all that this user may, write --isolation cage, or --signup invited",
    );
  if (wish === "none")
    return noIsolation("apps run as this user, with its files and network: --isolation none says so");
  const opened = tryCage(data);
  if (typeof opened !== "string") return opened;
  if (!hasStrangers && wish === "auto")
    return noIsolation(`apps run as this user, with its files and network: ${opened}`);
  const whose = hasStrangers ? "Cannot let strangers sign up" : "Cannot run apps in cages";
  const other = hasStrangers ? "or write --signup invited" : "or write --isolation none";
  throw new OrreryError("failed_precondition", `${whose}: ${opened}, ${other}`);
}

/** A cage in which a process has run, or why none can be had. */
function tryCage(data: string): Isolation | string {
  if (process.platform !== "linux") return `cages need Linux, and this is ${process.platform}: run orrery up there`;
  const version = spawnSync("bwrap", ["--version"], { encoding: "utf8" });
  if (version.error !== undefined || version.status !== 0) return `there is no bwrap, ${INSTALL}`;
  const isolation = createBwrapIsolation({
    ...shownCode(PACKAGES),
    hidden: [data],
    hasUsers: process.getuid?.() === 0,
    cgroups: openCgroups({ name: `orrery-${createHash("sha256").update(data).digest("hex").slice(0, 12)}` }),
  });
  const trouble = troubleWith(isolation);
  return trouble === "" ? isolation : trouble;
}

/** Runs a process of nothing in a cage: only the kernel knows what it allows. */
function troubleWith(isolation: Isolation): string {
  const limits = { of: "a trial", memoryBytes: 256 << 20, processors: 1, threadsMax: 32, scratchBytes: 1 << 20 };
  const caged = { id: "trial", cage: { owner: "trial", readable: [], writable: [], limits } };
  try {
    const start = isolation.enclose({ command: "/bin/true", args: [], env: {} }, caged);
    const { status, stderr, error } = spawnSync(start.command, start.args, {
      ...{ env: start.env, encoding: "utf8", timeout: CAGE_TRIAL_MS },
    });
    if (status === 0) return "";
    const why = error?.message ?? stderr.trim().split("\n").at(-1) ?? "";
    return `a trial of bwrap failed (${why}): allow name spaces of users (sysctl kernel.unprivileged_userns_clone=1), or run as root`;
  } catch (error) {
    return `a cage cannot be made (${(error as Error).message})`;
  } finally {
    isolation.ended({ code: 0, signal: "" }, caged);
  }
}
