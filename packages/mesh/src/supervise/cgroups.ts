import type { CageLimits } from "./isolation.ts";

/** What control groups can bound. */
export type CgroupControl = "memory" | "processors" | "threads";

/** What the processes of a group use; undefined where nothing counts it. */
export interface CgroupUsage {
  /** Since the group was made, in ms. */
  readonly cpuMs: number | undefined;
  /** Without what the machine keeps of files only as long as there is room. */
  readonly memoryBytes: number | undefined;
}

/** Control groups of processes in cages, one for each. */
export interface Cgroups {
  /** Such as `cgroup v2`. */
  readonly name: string;
  readonly controls: ReadonlySet<CgroupControl>;
  /** Makes the groups of a process; gives the files that take its number. */
  make(id: string, limits: CageLimits): readonly string[];
  /** Numbers of the processes in them. */
  pids(id: string): readonly number[];
  /** How often a process in them was ended for their memory. */
  memoryKills(id: string): number;
  /** How often one in them could not be started for their number. */
  threadRefusals(id: string): number;
  /** What the processes in them use, ended ones included. */
  usage(id: string): CgroupUsage;
  /** Takes them away when nothing runs in them, now or later. */
  remove(id: string): void;
  /** Takes away all of them in which nothing runs, and then what they were in. */
  close(): void;
}
