import type { ImageName } from "./pod.ts";

const REGISTRY_NAME =
  /^(?<source>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** Reads the name of an image: a folder beside the pod file, or a name in a registry, by tag or digest. Undefined for what is none. */
export function parseImageName(text: string): ImageName | undefined {
  if (text === "." || text.startsWith("./")) return text.split("/").includes("..") ? undefined : { source: text };
  const { source, tag, digest } = REGISTRY_NAME.exec(text)?.groups ?? {};
  if (source === undefined) return undefined;
  return { source, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** Writes it as it is read. */
export function printImageName({ source, tag, digest }: ImageName): string {
  return `${source}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** Whether an image is made of a folder. */
export function isFolder({ source }: ImageName): boolean {
  return source.startsWith(".");
}
