import type { Readable } from "node:stream";
import type { CopyNetwork } from "../network/pod-network.ts";

/** A folder or a file of the machine that a container finds in its files. */
export interface Bind {
  readonly from: string;
  /** Whole path in the container, without links. */
  readonly to: string;
  readonly isReadOnly: boolean;
  /** Whether it is a file that holds a file system, whose folder `data` is found. Default: false. */
  readonly isImage?: boolean;
}

/** A container to start. */
export interface ContainerStart {
  /** Unlike that of every other start. Of letters, digits and `-`. */
  readonly id: string;
  readonly hostname: string;
  /** Folder of its image's files, which it does not change. */
  readonly lower: string;
  /** Folder of its own in memory, made and taken away by who starts it. */
  readonly scratch: string;
  readonly command: readonly string[];
  readonly workingDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Numbers in the container. */
  readonly user: { readonly uid: number; readonly gid: number };
  /** The first of the machine's users that are the pod's; undefined where this process may not choose. */
  readonly hostUser: number | undefined;
  readonly binds: readonly Bind[];
  readonly network: CopyNetwork;
  readonly limits: ContainerLimits;
}

/** What a container may use. */
export interface ContainerLimits {
  readonly memoryBytes: number;
  /** Share of a processor: 0.5 is half of one, 2 is two. */
  readonly processors: number;
}

/** How a container ended. */
export interface ContainerEnd {
  readonly code: number;
  /** Such as `SIGKILL`; empty where it ended by itself. */
  readonly signal: string;
  readonly isOutOfMemory: boolean;
  /** What it used of the processors. */
  readonly cpuMs: number;
}

/** A container that was started. */
export interface StartedContainer {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when none of its processes is left, and nothing else of it. */
  readonly ended: Promise<ContainerEnd>;
  /** Number of its first process on this machine; undefined as long as it has not begun. */
  pid(): number | undefined;
  /** Asks it to end, or makes it. */
  end(how: "ask" | "kill"): void;
  usage(): { readonly cpuMs: number; readonly memoryBytes: number };
  /** Whether it had, or has, more memory than it may, and is to be ended for that. */
  isOverMemory(): boolean;
}

/** How one container is started and limited: what differs between kinds of runtimes. I1: an id's end leaves nothing of it on the machine. */
export interface ContainerBackend {
  readonly kind: "process" | "container";
  /** What it does not hold containers to on this machine, and what would help; a line each. */
  readonly lacks: readonly string[];
  /** Whether a container has all users of a pod, or one alone by whatever number. */
  readonly users: "all" | "one";
  start(start: ContainerStart): Promise<StartedContainer>;
  /** Ends what an earlier process left. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}
