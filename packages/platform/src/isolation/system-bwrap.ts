import { createHash } from "node:crypto";
import { chownSync, mkdirSync } from "node:fs";
import { bodyIn, type Cgroups } from "@orrery/mesh/internal";
import type { CagedProcess, Isolation, ProcessStart } from "@orrery/mesh/supervise";
import { bwrapArguments, type CageGround } from "./bwrap-arguments.ts";
import { CAGE_USERS_FROM, CAGE_USERS_MAX } from "./limits.ts";
import { mebibytes } from "./units.ts";

/** Options of `createBwrapIsolation`. */
export interface BwrapOptions extends Omit<CageGround, "user" | "boundsThreads"> {
  /** Whether each owner of processes gets a user of its own, for which the platform must be root. */
  readonly hasUsers: boolean;
  readonly cgroups: Cgroups | undefined;
}

/** Joins groups, each of which may refuse, and becomes the command. */
const JOINING = 'while [ "$1" != -- ]; do echo $$ >"$1" || exit 125; shift; done; shift; exec "$@"';

/**
 * Makes cages of bubblewrap: name spaces of the kernel, with control groups where there are some. I1: a process that cannot join its groups does
 * not run. I2: in its groups are the cage and all within, so that the whole is bounded.
 */
export function createBwrapIsolation({ hasUsers, cgroups, ...ground }: BwrapOptions): Isolation {
  const bodies = new Map<string, number>();
  const userOf = (owner: string) => (hasUsers ? userNumber(owner) : undefined);
  const enclose = (start: ProcessStart, caged: CagedProcess): ProcessStart => {
    const { cage, id } = caged;
    const user = userOf(cage.owner);
    const written = [...(cage.sockets === undefined ? [] : [cage.sockets]), ...cage.writable];
    for (const folder of written) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (user !== undefined) chownSync(folder, user, user);
    }
    const boundsThreads = cgroups?.controls.has("threads") !== true;
    const { command, args, env } = bwrapArguments(start, caged, { ...ground, user, boundsThreads });
    const groups = cgroups?.make(id, cage.limits) ?? [];
    return { command: "/bin/sh", args: ["-c", JOINING, "sh", ...groups, "--", command, ...args], env, cwd: "/" };
  };
  return {
    kind: "cage",
    inForce: inForce(hasUsers, cgroups),
    lacks: lacks(cgroups),
    enclose,
    lend: (file, owner) => {
      const user = userOf(owner);
      if (user !== undefined) chownSync(file, user, user);
    },
    bodyOf: (pid, { id }) => {
      const known = bodies.get(id) ?? bodyIn(pid, cgroups?.pids(id));
      if (known !== undefined) bodies.set(id, known);
      return known ?? pid;
    },
    ended: (end, { id, cage: { limits } }) => {
      bodies.delete(id);
      const isKilled = end.code === 137 || end.signal === "SIGKILL" || (end.code === null && end.signal === "");
      const isOut = isKilled && (cgroups?.memoryKills(id) ?? 0) > 0;
      cgroups?.remove(id);
      if (!isOut && end.code !== OUT_OF_HEAP) return undefined;
      return `killed: memory limit ${mebibytes(limits.memoryBytes)} of ${limits.of}`;
    },
  };
}

/** How Node ends whose objects are more than it may have, as a shell has it. */
const OUT_OF_HEAP = 128 + 6;

/** The same number for the same owner, and hardly ever for two. */
export function userNumber(owner: string): number {
  return CAGE_USERS_FROM + (createHash("sha256").update(owner).digest().readUInt32BE(0) % CAGE_USERS_MAX);
}

function inForce(hasUsers: boolean, cgroups: Cgroups | undefined): readonly string[] {
  const bounds = [...(cgroups?.controls ?? [])];
  return [
    "bubblewrap: read-only files, own processes, no network but sockets of the app",
    hasUsers ? "a user of its own for each app" : "a name space of users",
    ...(bounds.length === 0 ? [] : [`${cgroups?.name}: ${bounds.join(", ")}`]),
    ...(cgroups?.controls.has("threads") === true ? [] : ["prlimit: threads"]),
    ...(cgroups?.controls.has("memory") === true ? [] : ["memory is looked at each second"]),
  ];
}

function lacks(cgroups: Cgroups | undefined): readonly string[] {
  const missing = (["memory", "processors"] as const).filter((one) => cgroups?.controls.has(one) !== true);
  if (missing.length === 0) return [];
  const how = "run orrery up as root, or in a unit of systemd with Delegate=yes";
  return [`no control group bounds ${missing.join(" and ")}: ${how}`];
}
