/** What a process in a cage may reach and use: plain data, which is a part of its program. */
export interface CageSpec {
  /** For whom it runs. Processes of one owner share a user where they have one of their own, and a folder of sockets. */
  readonly owner: string;
  /** Folder of sockets, of its owner alone, by which it meets its supervisor and the processes beside it. Default: it meets nobody. */
  readonly sockets?: string;
  /** Folders and files beside the platform's own that it may read. */
  readonly readable: readonly string[];
  /** Folders that it may write, made where they are missing. */
  readonly writable: readonly string[];
  readonly limits: CageLimits;
}

/** What a process in a cage may use. */
export interface CageLimits {
  /** Whose limits they are, such as `plan developer`: what is refused or ended by one names it. */
  readonly of: string;
  readonly memoryBytes: number;
  /** Share of a processor: 0.5 is half of one, 2 is two. */
  readonly processors: number;
  /** Processes, threads included. */
  readonly threadsMax: number;
  /** Bytes of its folder `/tmp`, which ends with it. */
  readonly scratchBytes: number;
}

/** How a process is started. */
export interface ProcessStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
}

/** A process in a cage: of which its cage is, and what it is called there. */
export interface CagedProcess {
  readonly cage: CageSpec;
  /** Unlike that of every other process that runs. */
  readonly id: string;
}

/** How a process ended, as its cage sees it. */
export interface CagedEnd {
  readonly code: number | null;
  readonly signal: string;
}

/**
 * What keeps processes from one another and from the machine. I1: what is started by what `enclose` gives reaches nothing that its cage does not
 * say, in so far as `inForce` says so. I2: ending the group of the process that was started ends all in the cage.
 */
export interface Isolation {
  readonly kind: "cage" | "none";
  /** What it holds processes to, a line each, for people. */
  readonly inForce: readonly string[];
  /** What it does not, and what would help. */
  readonly lacks: readonly string[];
  /** The start in a cage. @throws OrreryError where it cannot be made */
  enclose(start: ProcessStart, caged: CagedProcess): ProcessStart;
  /** Lets the processes of an owner use a file of the platform's, and nobody else beside the platform. */
  lend(file: string, owner: string): void;
  /** Number of the process itself, by that of the one that was started to enclose it; the same as long as nobody knows. */
  bodyOf(pid: number, caged: CagedProcess): number;
  /** Which limit ended a process, for people; undefined where none did. What was kept of it is gone then: asked once, when it has ended. */
  ended(end: CagedEnd, caged: CagedProcess): string | undefined;
}
