import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const TICK_MS = 10;
const PAGE_BYTES = 4_096;
const TERM_BIT = 1n << 14n;

/** What a process and all that it started use together; of processors also what its ended ones did that were waited for. */
export function usageOfTree(top: number): { readonly cpuMs: number; readonly memoryBytes: number } {
  const children = new Map<number, number[]>();
  const facts = new Map<number, readonly string[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const text = read(`/proc/${name}/stat`);
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    facts.set(Number(name), fields);
    const parent = Number(fields[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  let cpuMs = 0;
  let memoryBytes = 0;
  for (const waiting = [top]; waiting.length > 0; ) {
    const pid = waiting.pop() ?? 0;
    waiting.push(...(children.get(pid) ?? []));
    const fields = facts.get(pid) ?? [];
    cpuMs += [11, 12, 13, 14].reduce((sum, place) => sum + Number(fields[place] ?? 0), 0) * TICK_MS;
    memoryBytes += Number(fields[21] ?? 0) * PAGE_BYTES;
  }
  return { cpuMs, memoryBytes };
}

/** Whether a process does something of its own when it is asked to end. The first one of a container that does not would not end at all. */
export function catchesTerm(pid: number): boolean {
  const mask = /^SigCgt:\s+([0-9a-f]+)$/m.exec(read(`/proc/${pid}/status`))?.[1];
  return mask !== undefined && (BigInt(`0x${mask}`) & TERM_BIT) !== 0n;
}

/** Connections that stand at ports, in the network of a process. */
export function connectionsAt(pid: number, ports: ReadonlySet<number>): number {
  const lines = ["tcp", "tcp6"].flatMap((name) => read(`/proc/${pid}/net/${name}`).split("\n").slice(1));
  return lines.filter((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return state === "01" && ports.has(Number.parseInt(local?.split(":")[1] ?? "", 16));
  }).length;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
