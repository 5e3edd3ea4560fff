import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { CgroupControl, Cgroups, CgroupUsage } from "./cgroups.ts";
import type { CageLimits } from "./isolation.ts";

/** Options of `openCgroups`. */
export interface CgroupsOptions {
  /** Name of the group in which all others are, of which this is the only user. */
  readonly name: string;
  /** Where the machine has its control groups. Default: `/sys/fs/cgroup`. */
  readonly root?: string;
  /** What the machine says of the groups of this process. Default: `/proc/self/cgroup`. */
  readonly self?: string;
  /** Path of the group below which it is made, such as `/`. Default: that of this process. */
  readonly below?: string;
}

/** A folder in which groups of one kind are made. */
interface Ground {
  readonly control: readonly CgroupControl[];
  readonly folder: string;
}

/** Names of the kernel, and the files of a group by which it is held to limits and tells of them. */
const V1: Readonly<Record<string, CgroupControl>> = { memory: "memory", cpu: "processors", pids: "threads" };
/** Where version 1 counts processor time, if not beside its shares. */
const V1_COUNTS = "cpuacct";
/** Length of the time in which a share of the processors counts, in µs. */
const PERIOD_US = 100_000;

/** Opens control groups of version 2, else 1, below those of this process; undefined where it may make none. */
export function openCgroups({
  name,
  root = "/sys/fs/cgroup",
  self = "/proc/self/cgroup",
  below,
}: CgroupsOptions): Cgroups | undefined {
  const lines = existsSync(self) ? readFileSync(self, "utf8").split("\n") : [];
  const paths = lines.flatMap((line) => {
    const [, kinds, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    return kinds === undefined || path === undefined ? [] : [{ kinds, path: below ?? path }];
  });
  const whole = existsSync(join(root, "cgroup.controllers")) ? paths.find(({ kinds }) => kinds === "") : undefined;
  const second = whole && unifiedGround(join(root, whole.path), name);
  if (second !== undefined) return new CgroupFolders("cgroup v2", [second]);
  const grounds = paths.flatMap(({ kinds, path }) => {
    const control = kinds.split(",").flatMap((kind) => V1[kind] ?? []);
    if (control.length === 0 && kinds !== V1_COUNTS) return [];
    const folder = join(root, kinds, path, name);
    return canMake(folder) ? [{ control, folder }] : [];
  });
  return grounds.every(({ control }) => control.length === 0) ? undefined : new CgroupFolders("cgroup v1", grounds);
}

/** Has the group of this process share its controls out to groups below it, in one of which this process goes on. */
function unifiedGround(own: string, name: string): Ground | undefined {
  const wanted = { memory: "memory", cpu: "processors", pids: "threads" } as const;
  try {
    const there = readFileSync(join(own, "cgroup.controllers"), "utf8").trim().split(/\s+/);
    const kinds = (Object.keys(wanted) as (keyof typeof wanted)[]).filter((kind) => there.includes(kind));
    if (kinds.length === 0) return undefined;
    const isRoot = !existsSync(join(own, "cgroup.type"));
    if (!isRoot) {
      mkdirSync(join(own, "platform"), { recursive: true });
      for (const pid of readPids(own)) writeFileSync(join(own, "platform", "cgroup.procs"), String(pid));
    }
    const folder = join(own, name);
    const share = kinds.map((kind) => `+${kind}`).join(" ");
    writeFileSync(join(own, "cgroup.subtree_control"), share);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "cgroup.subtree_control"), share);
    return { control: kinds.map((kind) => wanted[kind]), folder };
  } catch {
    return undefined; // They are another's, such as those of a login without delegation.
  }
}

function canMake(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK); // It may be there, and another's.
    return true;
  } catch {
    return false;
  }
}

/** I1: what was left by an earlier platform goes when nothing runs in it any more. */
class CgroupFolders implements Cgroups {
  readonly name: string;
  readonly controls: ReadonlySet<CgroupControl>;
  readonly #grounds: readonly Ground[];
  /** Groups whose last processes had not gone yet. */
  readonly #left = new Set<string>();

  constructor(name: string, grounds: readonly Ground[]) {
    this.name = name;
    this.#grounds = grounds;
    this.controls = new Set(grounds.flatMap(({ control }) => control));
    for (const { folder } of grounds)
      for (const id of foldersIn(folder)) if (readPids(join(folder, id)).length === 0) this.#left.add(id);
    this.#sweep(); // I1
  }

  make(id: string, limits: CageLimits): readonly string[] {
    this.#sweep();
    this.#left.delete(id);
    return this.#grounds.map(({ control, folder }) => {
      const group = join(folder, id);
      mkdirSync(group, { recursive: true });
      for (const one of control) bind(group, one, { limits, isSecond: this.name === "cgroup v2" });
      return join(group, "cgroup.procs");
    });
  }

  pids(id: string): readonly number[] {
    const [ground] = this.#grounds;
    return ground === undefined ? [] : readPids(join(ground.folder, id));
  }

  memoryKills(id: string): number {
    return Math.max(this.#count(id, "memory.events", "oom_kill"), this.#count(id, "memory.oom_control", "oom_kill"));
  }

  threadRefusals(id: string): number {
    return this.#count(id, "pids.events", "max");
  }

  usage(id: string): CgroupUsage {
    const said = (file: string) => this.#grounds.map(({ folder }) => read(join(folder, id, file))).find(Boolean);
    const nanoseconds = said("cpuacct.usage");
    const microseconds = /^usage_usec (\d+)$/m.exec(said("cpu.stat") ?? "")?.[1];
    const held = said("memory.current") ?? said("memory.usage_in_bytes");
    const stat = said("memory.stat") ?? "";
    const spare = /^total_inactive_file (\d+)$/m.exec(stat) ?? /^inactive_file (\d+)$/m.exec(stat);
    const cpuMs = nanoseconds === undefined ? Number(microseconds) / 1e3 : Number(nanoseconds) / 1e6;
    return {
      cpuMs: Number.isNaN(cpuMs) ? undefined : cpuMs,
      memoryBytes: held === undefined ? undefined : Math.max(0, Number(held) - Number(spare?.[1] ?? 0)),
    };
  }

  remove(id: string): void {
    this.#left.add(id);
    this.#sweep();
  }

  close(): void {
    for (const { folder } of this.#grounds) {
      for (const id of foldersIn(folder)) isGone(join(folder, id));
      isGone(folder);
    }
  }

  /** The largest count of a name in files of a group. */
  #count(id: string, file: string, name: string): number {
    const texts = this.#grounds.map(({ folder }) => read(join(folder, id, file)));
    const counts = texts.map((text) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? 0));
    return Math.max(0, ...counts);
  }

  #sweep(): void {
    for (const id of this.#left)
      if (this.#grounds.map(({ folder }) => isGone(join(folder, id))).every(Boolean)) this.#left.delete(id);
  }
}

interface Binding {
  readonly limits: CageLimits;
  readonly isSecond: boolean;
}

function bind(group: string, control: CgroupControl, { limits, isSecond }: Binding): void {
  const write = (file: string, value: number | string) => writeFileSync(join(group, file), String(value));
  const quotaUs = Math.max(1_000, Math.round(limits.processors * PERIOD_US));
  switch (control) {
    case "memory":
      write(isSecond ? "memory.max" : "memory.limit_in_bytes", limits.memoryBytes);
      tryTo(() =>
        write(isSecond ? "memory.swap.max" : "memory.memsw.limit_in_bytes", isSecond ? 0 : limits.memoryBytes),
      );
      if (isSecond) tryTo(() => write("memory.oom.group", 1));
      return;
    case "processors":
      if (isSecond) write("cpu.max", `${quotaUs} ${PERIOD_US}`);
      else {
        write("cpu.cfs_period_us", PERIOD_US);
        write("cpu.cfs_quota_us", quotaUs);
      }
      return;
    case "threads":
      write("pids.max", limits.threadsMax);
  }
}

/** What kernels are built without. */
function tryTo(does: () => void): void {
  try {
    does();
  } catch {
    // Nothing is swapped, or one process is ended in the place of all.
  }
}

function foldersIn(folder: string): readonly string[] {
  const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function isGone(group: string): boolean {
  try {
    if (existsSync(group)) rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}

function readPids(group: string): readonly number[] {
  return read(join(group, "cgroup.procs"))
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
