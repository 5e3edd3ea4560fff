import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { cpuMicrosOf, residentBytesOf } from "../lib/machine.ts";
import type { OpenedPlatform } from "../lib/open-platform.ts";

const SETTLE_MS = 3_000;
const LOOK_MS = 10_000;

/** What services that nobody calls cost. */
export interface IdleResult {
  readonly spaces: number;
  readonly services: number;
  /** Resident memory that each service has to itself: of its processes, pages that others share are left out. */
  readonly ownMiB: number;
  /** What the platform's process grew by for each. */
  readonly platformMiB: number;
  /** Processor time of all for each, in ms a second. */
  readonly cpuMs: number;
}

/** Runs an app of two services in each of so many Spaces, and looks at them while nobody calls. */
export async function measureIdle(
  { pid, type }: OpenedPlatform,
  { spaces, onSpace }: { readonly spaces: number; readonly onSpace: (count: number) => void },
): Promise<IdleResult> {
  const [before, beside] = [residentBytesOf(pid), new Set(processes())];
  for (let at = 0; at < spaces; at++) {
    await type("create", `idle-${at}.test<Space>`);
    await type("run", "pair", `--space=idle-${at}.test`, "--name=pair", "--no-check", "--wait=2m");
    onSpace(at + 1);
  }
  await setTimeout(SETTLE_MS);
  const services = spaces * 2;
  const platformMiB = (residentBytesOf(pid) - before) / services / 1_024 / 1_024;
  const pids = appsSince(beside);
  const ownMiB = pids.reduce((sum, one) => sum + ownBytesOf(one), 0) / services / 1_024 / 1_024;
  const all = [pid, ...pids];
  const cpuOf = () => all.reduce((sum, one) => sum + cpuMicrosOf(one), 0);
  const from = cpuOf();
  await setTimeout(LOOK_MS);
  return { spaces, services, ownMiB, platformMiB, cpuMs: (cpuOf() - from) / services / LOOK_MS };
}

/** Processes of apps, and the cages around them, that were not there before. They outlive their platform, so they are not below it. */
function appsSince(before: ReadonlySet<string>): readonly number[] {
  const isOfApp = (name: string) => /supervised-process|^bwrap\0/.test(fileOf(`/proc/${name}/cmdline`));
  return processes()
    .filter((name) => !before.has(name) && isOfApp(name))
    .map(Number);
}

function processes(): readonly string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

/** Memory of a process that it shares with nobody, in bytes. */
function ownBytesOf(pid: number): number {
  const rollup = fileOf(`/proc/${pid}/smaps_rollup`);
  const kib = [...rollup.matchAll(/^Private_\w+: +(\d+) kB$/gm)].map(([, count]) => Number(count));
  return kib.reduce((sum, count) => sum + count, 0) * 1_024;
}

function fileOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // It has ended meanwhile.
  }
}
