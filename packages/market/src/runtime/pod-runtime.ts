import type { Pod } from "../pod/pod.ts";

/**
 * Runs pods on this machine. Owns: their processes, networks, files and what they wrote. It knows nothing of money, chains or publishers.
 * I1: a pod uses no more of memory and processors than its containers say, and what ends for that is that container alone. I2: a pod reaches no other
 * pod's processes, files or ports, nor what listens on the machine's loopback. I3: nothing of an image or a secret is on a disk in plain. I4: only
 * `remove` and `removeVolumes` take away what volumes hold. I5: a volume takes no more than its size; where nothing stops it there, its pod is told,
 * and then stopped.
 */
export interface PodRuntime {
  readonly kind: "process" | "container";
  /** What it does not hold pods to on this machine, and what would help; a line each. */
  readonly lacks: readonly string[];
  /**
   * Makes a pod so as it is wanted, from nothing or from what runs: what does not differ goes on; of what differs each copy is well before the one
   * it replaces stops; a pod of one copy that writes to a volume stops first, since two would harm what they write; and so does one
   * with a volume that is to be of another size. The same again changes nothing.
   * @throws OrreryError `failed_precondition` where a container does not start or does not get well in time, with its last lines, or where a volume holds more
   * than it is to; what ran before runs still
   */
  apply(wanted: WantedPod): Promise<void>;
  /** Ends its processes and starts them anew, copy after copy where there are several. */
  restart(name: string): Promise<void>;
  /** Ends its processes; volumes stay. A name that is not known changes nothing, as for `remove`. */
  stop(name: string): Promise<void>;
  /** Ends its processes and takes away its volumes and lines. */
  remove(name: string): Promise<void>;
  /**
   * Takes away what volumes hold that the pod has no more. A volume that is not there changes nothing.
   * @throws OrreryError `failed_precondition` for one that a container of the pod finds still
   */
  removeVolumes(name: string, volumes: readonly string[]): Promise<void>;
  /** Names of pods that it has anything of, volumes included. After a restart of this process, too. */
  names(): Promise<readonly string[]>;
  /** How a pod stands; undefined for one that is not known. */
  look(name: string): RunningPod | undefined;
  /** What a pod uses. Undefined while it does not run. */
  usage(name: string): Promise<PodUsage | undefined>;
  /** Lines of its containers, without its secrets, and what became of them, in order; until the signal aborts where it follows. They outlive a crash of a container. */
  lines(name: string, wanted: WantedLines): AsyncIterable<PodLine>;
  /** Ends all pods, and waits for it; volumes stay. */
  close(): Promise<void>;
}

/** A pod to run. */
export interface WantedPod {
  /** Unlike that of every other pod: names its files. Of letters, digits and `-`, up to 40. */
  readonly name: string;
  readonly pod: Pod;
  /** Of each container, by its name. */
  readonly images: Readonly<Record<string, PodImage>>;
  /** In plain, by name. They are held in memory alone. */
  readonly secrets: Readonly<Record<string, Uint8Array>>;
  /** Sockets of this machine that its containers find, by their paths there. Default: none. */
  readonly sockets?: Readonly<Record<string, string>> | undefined;
  /** Whether the Internet is closed to it. Default: false. A runtime that cannot close it does not run such a pod. */
  readonly isOffline?: boolean | undefined;
}

/** An image in plain. */
export interface PodImage {
  /** Of its manifest: `sha256:…`. */
  readonly digest: string;
  /** Its archive, in the layout of OCI images. It is asked for only where the runtime does not have it unpacked. */
  read(): Promise<Uint8Array>;
}

/** How a pod stands. */
export interface RunningPod {
  readonly copies: readonly RunningCopy[];
  /** Whether each container of each copy runs, and is well where it says how that is known. */
  readonly isWell: boolean;
  /** How each port is reached from this process; more than one place for more than one copy. */
  readonly ports: readonly ReachedPort[];
}

/** One container of one copy. */
export interface RunningCopy {
  readonly container: string;
  /** From 0. */
  readonly copy: number;
  readonly state: "starting" | "running" | "unwell" | "ended" | "failed";
  readonly restarts: number;
  /** Why it ended last: `memory`, `storage`, `exit 1`, `signal SIGKILL`; undefined where it did not. */
  readonly lastEnd: string | undefined;
  /** Ms since 1970. */
  readonly startedAtMs: number;
}

/** A port of a pod. */
export interface ReachedPort {
  readonly container: string;
  readonly port: number;
  readonly protocol: "http" | "tcp" | "udp";
  /** Of copies that are well. */
  readonly at: readonly { readonly host: string; readonly port: number }[];
}

/** What a pod uses, all its copies together. */
export interface PodUsage {
  /** When it was read: ms of the time that its processes run by, from any beginning. */
  readonly atMs: number;
  /** Since the pod began. */
  readonly cpuMs: number;
  readonly memoryBytes: number;
  /** Out of the pod and into it, since it began, with what answers questions for its health; undefined where the runtime cannot tell, and whoever forwards its ports counts alone. */
  readonly egressBytes: number | undefined;
  readonly ingressBytes: number | undefined;
  /** In its volumes. */
  readonly storageBytes: number;
  readonly copies: number;
}

/** A line of a container, or what became of it. */
export interface PodLine {
  /** Ms since 1970. */
  readonly atMs: number;
  readonly container: string;
  readonly copy: number;
  readonly stream: "stdout" | "stderr" | "event";
  readonly text: string;
}

/** Which lines. */
export interface WantedLines {
  /** Default: all. */
  readonly container?: string | undefined;
  /** Ms since 1970. Default: all that is kept. */
  readonly sinceMs?: number | undefined;
  /** The last so many alone. */
  readonly tail?: number | undefined;
  /** Whether lines to come are wanted. Default: no. */
  readonly follow?: boolean | undefined;
  readonly signal: AbortSignal;
}
