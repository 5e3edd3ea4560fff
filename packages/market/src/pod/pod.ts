import type { Digest } from "../lease/terms.ts";

/** What runs on a provider: containers that share a network, what they keep, and how many copies of it there are. */
export interface Pod {
  /** Of small letters, digits and `-`. Names it among the pods of its publisher. */
  readonly name: string;
  readonly containers: readonly PodContainer[];
  readonly volumes: readonly PodVolume[];
  readonly secrets: readonly PodSecret[];
  /** Copies that run beside one another, with the same volumes. From 1. */
  readonly replicas: number;
  /** Public addresses. */
  readonly addresses: number;
  /** The most that goes out and comes in within an hour, in KiB: what a quote bounds use by. */
  readonly traffic: { readonly egressKiB: number; readonly ingressKiB: number };
}

/** One program of a pod. */
export interface PodContainer {
  readonly name: string;
  readonly image: ImageName;
  /** What is started, in place of what the image says. Default: what the image says. */
  readonly command?: readonly string[];
  /** Folder that it is started in. Default: what the image says. */
  readonly workingDir?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly PodPort[];
  readonly mounts: readonly PodMount[];
  /** Thousandths of a core. */
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly gpus: number;
  /** Says whether it is well. Default: that its ports for HTTP and TCP accept connections; without ports, that it runs. */
  readonly health?: PodHealth;
}

/** Where an image comes from, and which it is. */
export interface ImageName {
  /** A folder beside the pod file, which begins with `.`; or a name in a registry, such as `registry.test/shop/web`. */
  readonly source: string;
  /** What may come to mean another image. Absent: the digest says it, or it is a folder. */
  readonly tag?: string;
  /** Of the image's manifest. Absent: what the source means when the pod is deployed. */
  readonly digest?: string;
}

/** A port that is reached from outside. */
export type PodPort =
  /** Requests to a host, on the provider's port for HTTP. */
  | { readonly protocol: "http"; readonly port: number; readonly host: string }
  /** Connections, or datagrams, at a port of the provider that its answer says. */
  | { readonly protocol: "tcp" | "udp"; readonly port: number };

/** Something of the pod that a container finds in its files. */
export interface PodMount {
  readonly kind: "volume" | "secret";
  readonly name: string;
  /** Whole path in the container. */
  readonly path: string;
  readonly isReadOnly: boolean;
}

/** What is kept over restarts and updates. */
export interface PodVolume {
  readonly name: string;
  /** What its files may take. */
  readonly sizeMiB: number;
}

/** A file that nobody but the pod reads. */
export interface PodSecret {
  readonly name: string;
  /** Path of the file beside the pod file. */
  readonly file: string;
}

/** A question to a container whose answer is 200 where it is well. */
export interface PodHealth {
  readonly path: string;
  readonly port: number;
  readonly everyMs: number;
}

/** A pod of which all that may come to mean something else is said by digest: what is quoted, paid for and run. */
export interface SealedPod {
  readonly pod: Pod;
  /** Digest of the manifest of each container's image, by the container's name. */
  readonly images: Readonly<Record<string, string>>;
  /** Digest of the encrypted text of each secret, by the secret's name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Names all of it: the `manifest` of terms. */
  readonly digest: Digest;
}
