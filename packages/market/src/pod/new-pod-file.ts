import { stringify } from "yaml";
import type { SaidPod, SaidPort } from "./said-pod.ts";

/** What a new pod file says. What is not said is left to its defaults, and shown. */
export interface NewPodFile {
  readonly name: string;
  /** A folder beside the file, or an image in a registry. */
  readonly image: string;
  /** Ports of HTTP, each with its host. */
  readonly hosts?: readonly { readonly port: number; readonly host: string }[];
  /** Ports of TCP, and of UDP. */
  readonly tcp?: readonly number[];
  readonly udp?: readonly number[];
  /** Cores, such as `500m`. Default: `100m`. */
  readonly cpu?: string;
  /** Memory, such as `256MiB`. Default: `128MiB`. */
  readonly memory?: string;
}

/** Writes the text of a pod file with one container, for people to go on from. It does not look whether it is a good one: `parsePod` does. */
export function newPodFile(wish: NewPodFile): string {
  const { name, image, hosts = [], tcp = [], udp = [], cpu = "100m", memory = "128MiB" } = wish;
  const ports: readonly SaidPort[] = [
    ...hosts,
    ...tcp.map((port) => ({ port })),
    ...udp.map((port) => ({ port, protocol: "udp" }) as const),
  ];
  const container = { image, ...(ports.length > 0 && { ports }), cpu, memory };
  const pod: SaidPod = { name, containers: { [hosts.length > 0 ? "web" : "app"]: container } };
  return `# What runs on a provider, and what is held for it. "orrery pod validate" says what is wrong with it.\n${stringify(pod)}`;
}
