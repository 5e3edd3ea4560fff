import { lstatSync, mkdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Where the Unix sockets of this user's nodes are, or why there is no such place. */
export type SocketFolder =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "none"; readonly why: string };

/**
 * The folder in which the nodes of one user, host and network namespace have their Unix sockets; made where it is missing. Nobody else may be
 * able to put a socket there: a folder that is another's, or open to others, is not used.
 */
export function socketFolder(): SocketFolder {
  const { env, getuid } = process;
  if (getuid === undefined) return { kind: "none", why: "this system has no Unix sockets with owners" };
  const uid = getuid();
  const { XDG_RUNTIME_DIR: runtime } = env;
  const home =
    runtime !== undefined && troubleWith(runtime, uid) === ""
      ? join(runtime, "orrery")
      : join(process.getBuiltinModule("node:os").tmpdir(), `orrery-${uid}`);
  const path = join(home, namespaceName());
  for (const folder of [home, path]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch {
      return { kind: "none", why: `"${folder}" cannot be made` };
    }
    const trouble = troubleWith(folder, uid);
    if (trouble !== "") return { kind: "none", why: trouble };
  }
  return { kind: "folder", path };
}

/** What keeps a folder from being this user's alone; empty for nothing. */
function troubleWith(path: string, uid: number): string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isDirectory()) return `"${path}" is no folder`;
  if (found.uid !== uid) return `"${path}" is another user's`;
  return (found.mode & 0o077) === 0 ? "" : `"${path}" is open to others, take their rights from it`;
}

/** Hosts that share a file system, as containers do, have network namespaces of their own: the same port is another node there. */
function namespaceName(): string {
  try {
    const [number = "0"] = /\d+/.exec(readlinkSync("/proc/self/ns/net")) ?? [];
    return `net-${number}`;
  } catch {
    return "net-0";
  }
}

/** After this long a process that listens looks for sockets that others left behind: its own start has gone before, in ms. */
const SWEEP_AFTER_MS = 10_000;
let isPlanned = false;

/** Takes away what nobody listens at any more, once in a process, later; nothing is loaded or kept alive for it before. */
export function sweepLater(folder: string): void {
  if (isPlanned) return;
  isPlanned = true;
  const sweep = () => void import("./system-sweep.ts").then(({ sweepSockets }) => sweepSockets(folder));
  setTimeout(sweep, SWEEP_AFTER_MS).unref();
}
