import { stringify } from "yaml";
import { parseImageName } from "./image-name.ts";
import type { SaidPod, SaidPort } from "./said-pod.ts";

/** What a new pod file says. What is not said is left to its defaults, and shown. */
export interface NewPodFile {
  /** Default: that of the image, as `podNameOf` has it. */
  readonly name?: string;
  /** A folder beside the file, or an image in a registry. */
  readonly image: string;
  /** Ports of HTTP, each with its host. Default of a host: `NAME.test`, and `NAME-2.test` for the second port. */
  readonly hosts?: readonly { readonly port: number; readonly host?: string | undefined }[];
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
  const { image, name = podNameOf(image), hosts = [], tcp = [], udp = [], cpu = "100m", memory = "128MiB" } = wish;
  const ports: readonly SaidPort[] = [
    ...hosts.map(({ port, host }, at) => ({ port, host: host ?? `${name}${at === 0 ? "" : `-${at + 1}`}.test` })),
    ...tcp.map((port) => ({ port })),
    ...udp.map((port) => ({ port, protocol: "udp" }) as const),
  ];
  const container = { image, ...(ports.length > 0 && { ports }), cpu, memory };
  const pod: SaidPod = { name, containers: { [hosts.length > 0 ? "web" : "app"]: container } };
  return `# What runs on a provider, and what is held for it. "orrery pod validate" says what is wrong with it.\n${stringify(pod)}`;
}

/** What an image is called, as pods are: the last part of its name, or of the folder. @param folder what `.` is called. Default: `app` */
export function podNameOf(image: string, folder = "app"): string {
  const { source } = parseImageName(image) ?? { source: image };
  const last = source.split("/").findLast((part) => part !== "" && part !== ".") ?? folder;
  const name = last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, NAME_LENGTH_MAX);
  return name.replace(/-+$/, "") || "app";
}

/** Letters of a name that pods take. */
const NAME_LENGTH_MAX = 40;
