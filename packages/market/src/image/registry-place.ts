import type { ImageName } from "../pod/pod.ts";

/** Where a registry has an image. */
export interface RegistryPlace {
  /** Of the registry, without a path. */
  readonly origin: string;
  readonly repository: string;
  /** A digest, else a tag. */
  readonly reference: string;
}

const HUB = "registry-1.docker.io";
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3})(:\d+)?$/;

/**
 * Where a name in a registry is: what begins with a host is there, all else at Docker Hub; by its digest, else its tag, else `latest`. Registries are
 * spoken to by https, but those on this machine's loopback.
 */
export function registryPlace({ source, tag, digest }: ImageName): RegistryPlace {
  const [first = "", ...rest] = source.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const named = isHost && first !== "docker.io" ? first : HUB;
  const path = isHost ? rest.join("/") : source;
  const repository = named === HUB && !path.includes("/") ? `library/${path}` : path;
  return {
    origin: `${isLoopback(named) ? "http" : "https"}://${named}`,
    repository,
    reference: digest ?? tag ?? "latest",
  };
}

/** Whether a host is this machine itself. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
