import { OrreryError } from "@orrery/core";
import { stableText } from "@orrery/mesh/internal";
import { sha256, stringToBytes } from "viem";
import type { Digest } from "../lease/terms.ts";
import type { Pod, SealedPod } from "./pod.ts";

/** What is put in the place of what may come to mean something else. */
export interface PodDigests {
  /** By the container's name. */
  readonly images: Readonly<Record<string, string>>;
  /** By the secret's name. */
  readonly secrets: Readonly<Record<string, string>>;
}

const SHA256 = /^sha256:[0-9a-f]{64}$/;

/**
 * Seals a pod: what is run is said by digest from now on. The order of what has names does not count for its digest, nor does where on the publisher's
 * machine a file lay.
 * @throws OrreryError `failed_precondition` where a digest is missing, or is not what the pod file says
 */
export function sealPod(pod: Pod, { images, secrets }: PodDigests): SealedPod {
  for (const { name, image } of pod.containers) {
    const digest = images[name] ?? "";
    if (!SHA256.test(digest)) throw missing(`image of container "${name}"`, digest);
    if (image.digest !== undefined && image.digest !== digest)
      throw new OrreryError(
        "failed_precondition",
        `Cannot take the image of container "${name}": it is ${digest}, and the pod file says ${image.digest}`,
      );
  }
  for (const { name } of pod.secrets)
    if (!SHA256.test(secrets[name] ?? "")) throw missing(`secret "${name}"`, secrets[name] ?? "");
  return { pod, images, secrets, digest: digestOf({ pod, images, secrets }) };
}

/** Whether a sealed pod is what its digest says. */
export function isSealed({ pod, images, secrets, digest }: SealedPod): boolean {
  return digestOf({ pod, images, secrets }) === digest;
}

function missing(what: string, found: string): OrreryError {
  return new OrreryError(
    "failed_precondition",
    `Cannot seal the pod: the ${what} has no digest (${JSON.stringify(found)}), upload it first`,
  );
}

function digestOf({ pod, images, secrets }: { readonly pod: Pod } & PodDigests): Digest {
  const { containers, volumes, secrets: files, ...rest } = pod;
  const named = <T extends { readonly name: string }, U>(all: readonly T[], of: (one: T) => U) =>
    Object.fromEntries(all.map((one) => [one.name, of(one)]));
  const said = {
    ...rest,
    containers: named(containers, ({ image: _image, ...one }) => ({ ...one, image: images[one.name] })),
    volumes: named(volumes, ({ sizeMiB }) => sizeMiB),
    secrets: named(files, ({ name }) => secrets[name]),
  };
  return sha256(stringToBytes(stableText(said)));
}
