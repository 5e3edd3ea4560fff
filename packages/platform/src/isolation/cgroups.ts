import type { CageLimits } from "@orrery/mesh/supervise";

/** What control groups can bound. */
export type CgroupControl = "memory" | "processors" | "threads";

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
  /** Takes them away when nothing runs in them, now or later. */
  remove(id: string): void;
}
