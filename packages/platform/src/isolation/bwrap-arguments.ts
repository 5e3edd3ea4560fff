import { dirname, sep } from "node:path";
import type { CagedProcess, ProcessStart } from "@orrery/mesh/supervise";
import { CAGE_FILE_BYTES_MAX, CAGE_FILES_MAX } from "./limits.ts";

/** What of the machine every cage shows, and as whom its process runs. */
export interface CageGround {
  /** Folders and files that are shown as they are, read-only: those of the system, of Node and of the platform. */
  readonly shown: readonly string[];
  /** Links of the system's root, by their names, such as `/bin` to `usr/bin`. */
  readonly links: Readonly<Record<string, string>>;
  /** Folders that are shown empty, though they lie in one that is shown: those of the platform's data. */
  readonly hidden: readonly string[];
  /** As a user of its own, where the platform may choose; else in a name space of users, which needs no rights. */
  readonly user: number | undefined;
  /** Whether the number of processes is bounded from within, since no control group bounds it. */
  readonly boundsThreads: boolean;
}

/** Prefix of variables on their way into a cage: what makes it must not obey them. */
const CARRIED = "ORRERY_IN_";
const NAMES = "ORRERY_IN";
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Takes the variables that were carried, and becomes the command. */
const UNPACKING = `for n in $${NAMES}; do eval "export $n=\\"\\$${CARRIED}$n\\""; unset "${CARRIED}$n"; done; unset ${NAMES} n; exec "$@"`;
/** What a process in a cage has of a machine's usual variables. */
const BASE = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/tmp", TMPDIR: "/tmp" };
/** Variables of the platform that mean nothing in a cage. */
const DROPPED: ReadonlySet<string> = new Set(["NODE_COMPILE_CACHE"]);

/**
 * The command that runs a process in a cage by bubblewrap: a file system that is read-only but for its own folders and a scratch, no network, no
 * other processes, and no rights. What a tenant says in variables reaches only what runs inside.
 */
export function bwrapArguments(
  { command, args, env, cwd = "/" }: ProcessStart,
  { cage }: Pick<CagedProcess, "cage">,
  ground: CageGround,
): Omit<ProcessStart, "cwd"> {
  const carried = Object.entries({ ...env, ...BASE }).filter(
    (entry): entry is [string, string] => VARIABLE.test(entry[0]) && entry[1] !== undefined && !DROPPED.has(entry[0]),
  );
  const written = [...(cage.sockets === undefined ? [] : [cage.sockets]), ...cage.writable];
  const scratch = ["--perms", "1777", "--size", String(cage.limits.scratchBytes), "--tmpfs"];
  return {
    command: "bwrap",
    args: [
      ...["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
      ...(ground.user === undefined ? ["--unshare-user", "--disable-userns"] : []),
      ...["--hostname", "app", "--proc", "/proc", "--dev", "/dev"],
      ...[...scratch, "/dev/shm", ...scratch, "/tmp"],
      ...foldersAbove([...ground.shown, ...cage.readable, ...written, cwd]),
      ...shownFirst(ground.shown).flatMap((path) => ["--ro-bind-try", path, path]),
      ...Object.entries(ground.links).flatMap(([name, target]) => ["--symlink", target, name]),
      ...ground.hidden.filter((path) => isWithin(path, ground.shown)).flatMap((path) => ["--tmpfs", path]),
      ...cage.readable.flatMap((path) => ["--ro-bind", path, path]),
      ...written.flatMap((path) => ["--bind", path, path]),
      ...["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", cwd, "--"],
      ...bounds(cage.limits.threadsMax, ground),
      ...["/bin/sh", "-c", UNPACKING, "sh", command, ...args],
    ],
    env: {
      PATH: BASE.PATH,
      [NAMES]: carried.map(([name]) => name).join(" "),
      ...Object.fromEntries(carried.map(([name, value]) => [`${CARRIED}${name}`, value])),
    },
  };
}

/** What becomes the process, one after the other, once its cage stands. */
function bounds(threadsMax: number, { user, boundsThreads }: CageGround): readonly string[] {
  const rights = ["--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"];
  const limits = ["--core=0", `--nofile=${CAGE_FILES_MAX}`, `--fsize=${CAGE_FILE_BYTES_MAX}`];
  return [
    ...["/usr/bin/prlimit", ...limits, ...(boundsThreads ? [`--nproc=${threadsMax}`] : []), "--"],
    ...(user === undefined ? [] : ["/usr/bin/setpriv", `--reuid=${user}`, `--regid=${user}`, ...rights, "--"]),
  ];
}

/** Makes what leads to paths, for every user to pass: bubblewrap would make it for its own alone. */
function foldersAbove(paths: readonly string[]): readonly string[] {
  const above = new Set<string>();
  for (const path of paths) for (let one = dirname(path); one !== "/"; one = dirname(one)) above.add(one);
  return [...above].sort().flatMap((folder) => ["--perms", "0755", "--dir", folder]);
}

/** What lies in another comes after it, and what is shown with another not at all. */
function shownFirst(paths: readonly string[]): readonly string[] {
  const sorted = [...new Set(paths)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return sorted.filter((path, index) => !isWithin(dirname(path), sorted.slice(0, index)));
}

function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.some((one) => path === one || path.startsWith(one + sep));
}
