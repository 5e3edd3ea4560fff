import { stableText } from "@orrery/mesh/internal";
import { sha256Of } from "../../image/system-digest.ts";
import type { Pod } from "../../pod/pod.ts";
import type { WantedPod } from "../pod-runtime.ts";

/**
 * What a copy is made of, as one digest: two pods with the same need no other copies. Hosts, traffic, addresses, the number of copies and the sizes of
 * volumes are none of it.
 */
export function madeOf({ pod, images, secrets, sockets = {}, isOffline = false }: WantedPod): string {
  const containers = pod.containers.map(({ image: _image, ports, ...container }) => ({
    ...container,
    image: images[container.name]?.digest,
    ports: ports.map(({ port, protocol }) => ({ port, protocol })),
  }));
  const hidden = Object.entries(secrets).map(([name, value]) => [name, sha256Of(value)]);
  return sha256Of(stableText({ containers, secrets: Object.fromEntries(hidden), sockets, isOffline }));
}

/**
 * Whether a new copy would meet the old one in what it writes: a pod of one copy that writes to a volume is one of a kind, such as a database, and
 * two of it harm what it keeps. Pods of several copies share their volumes by design.
 */
export function isOneOfAKind({ containers, replicas }: Pod): boolean {
  return (
    replicas === 1 &&
    containers.some(({ mounts }) => mounts.some(({ kind, isReadOnly }) => kind === "volume" && !isReadOnly))
  );
}
