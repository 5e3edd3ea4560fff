import type { LinkModel } from "../network/link-model.ts";
import type { DiskState } from "../world/disk.ts";

/** Something that goes wrong in a world, or is put right again. Names are those of nodes; `*` stands for every node of a link. */
export type Fault =
  /** Ends a node in the middle of what it does; or begins its next life, with its disk or an empty one. */
  | { readonly verb: "crash" | "restart" | "restart-empty"; readonly node: string }
  /** Lets nothing happen at a node, as a long garbage collection does; or lets it go on. */
  | { readonly verb: "pause" | "resume"; readonly node: string }
  /** Each message takes `ms` of a node; 0 ends it. */
  | { readonly verb: "slow"; readonly node: string; readonly ms: number }
  /** Sets a node's wall clock ahead by `ms`, or back. */
  | { readonly verb: "jump"; readonly node: string; readonly ms: number }
  | { readonly verb: "disk"; readonly node: string; readonly state: DiskState }
  /** Lets nothing pass in one direction: connections break after a while. */
  | { readonly verb: "cut"; readonly from: string; readonly to: string }
  /** Mends one direction, or everything that is cut. */
  | { readonly verb: "heal"; readonly from?: string; readonly to?: string }
  /** Lets nothing pass between nodes of different groups. */
  | { readonly verb: "partition"; readonly groups: readonly (readonly string[])[] }
  /** Holds back one direction; connections stay. */
  | { readonly verb: "clog" | "unclog"; readonly from: string; readonly to: string }
  /** Changes how messages pass in one direction; what is not given stays. */
  | { readonly verb: "link"; readonly from: string; readonly to: string; readonly change: LinkModel };

/** A fault at a time of the world, in ms since it began. */
export interface TimedFault {
  readonly atMs: number;
  readonly fault: Fault;
}
