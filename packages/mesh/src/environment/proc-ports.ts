import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const LISTENING = "0A";

/** Who listens at a TCP port of this machine, as far as it is shown to us. Linux only; elsewhere, another program. */
export function listenerOf(port: number): string {
  const inodes = new Set(["tcp", "tcp6"].flatMap((family) => inodesOf(family, port)));
  const pid = quietly(() => readdirSync("/proc"), [])
    .filter((name) => /^\d+$/.test(name))
    .find((name) => holds(name, inodes));
  if (pid === undefined) return "another program";
  const program = quietly(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim(), "");
  return `process ${pid}${program === "" ? "" : ` (${program})`}`;
}

function inodesOf(family: string, port: number): readonly string[] {
  const lines = quietly(() => readFileSync(`/proc/net/${family}`, "utf8"), "")
    .split("\n")
    .slice(1);
  return lines.flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    return state === LISTENING && Number.parseInt(local.split(":").at(-1) ?? "", 16) === port ? [inode] : [];
  });
}

function holds(pid: string, inodes: ReadonlySet<string>): boolean {
  const handles = quietly(() => readdirSync(`/proc/${pid}/fd`), []);
  return handles.some((handle) => {
    const link = quietly(() => readlinkSync(`/proc/${pid}/fd/${handle}`), "");
    return inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? "none");
  });
}

function quietly<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise; // It has ended, or is another user's.
  }
}
