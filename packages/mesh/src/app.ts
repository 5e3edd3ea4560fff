import type { ClientNode, Component, Directory, Service } from "@orrery/core";
import type { LifeListener } from "./environment/life.ts";

/** Where one instance of an application stands. */
export interface AppInstance {
  readonly slot: number;
  /** Where it is reached; empty when it is not. */
  readonly address: string;
  readonly pid: number;
  /** `starting`, `ready`, `restarting`, `failed` or `stopped`. */
  readonly state: string;
  /** Times that its process was started again. */
  readonly restarts: number;
}

/** One component of an application. */
export interface AppComponent {
  readonly name: string;
  readonly version: string;
  /** Absolute path of its file. */
  readonly file: string;
  readonly instances: readonly AppInstance[];
}

/** News of a process of an application. */
export interface AppEvent {
  readonly kind: "crashed" | "restarted" | "failed";
  readonly component: string;
  readonly slot: number;
  readonly pid: number;
  /** What happened, for people. */
  readonly text: string;
}

/** Components that run, in this process or in several. */
export interface App extends AsyncDisposable {
  /** Calls the components and whatever else the directory knows. */
  readonly node: ClientNode;
  /** Where others reach the components; it changes while the application runs. */
  readonly directory: Directory;
  /** Addresses that were opened. */
  addresses(): readonly string[];
  components(): readonly AppComponent[];
  /** Contracts of its components. @throws OrreryError when one cannot be asked. */
  services(): Promise<readonly Service[]>;
  /** Finishes what was accepted, within the limit (default 10 s), then stops everything. */
  stop(options?: { timeoutMs?: number }): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
  /** As `stop`, with its default limit. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of every launch. */
export interface LaunchOptions {
  /** Files and folders that hold components. */
  readonly paths: readonly string[];
  /** Folder from which paths are named. */
  readonly cwd: string;
  /** Components of this process itself, which serve those of the paths; they are not told among `components`. Default: none. */
  readonly components?: readonly Component[];
  /** Copies by component, named as `matchName` understands. Default: what each component says. */
  readonly instances?: ReadonlyMap<string, number>;
  /** Address to open; undefined opens none. */
  readonly listen: string | undefined;
  /** Where components elsewhere are. Default: nowhere. */
  readonly directory?: Directory;
  /** Agent of messages that begin here. Default: anonymous. */
  readonly agent?: string;
  /** File to record packets in; of several processes, each adds its node and its id to the name. Default: none. */
  readonly capture?: string;
  /** Told of checks, of what commands of a `component.yaml` print, and of what should be mended. Default: nobody. */
  readonly onLife?: LifeListener;
}
