import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { OrreryError } from "@orrery/core";
import type { ArtifactAbout } from "../artifact/artifact.ts";
import type { ArtifactRecord, ReadyArtifact } from "../artifact/artifact-record.ts";
import type { PackedImage } from "../image/make-archive.ts";
import { isFolder, printImageName } from "../pod/image-name.ts";
import type { ImageName, Pod, SealedPod } from "../pod/pod.ts";
import { sealPod } from "../pod/seal-pod.ts";
import { SECRET_BYTES_MAX } from "./limits.ts";

/** A pod of which all that it needs is sealed, ready to be sent. */
export interface PreparedPod {
  readonly sealed: SealedPod;
  /** One for each image and each secret. */
  readonly artifacts: readonly ReadyArtifact[];
  /** What tags and folders came to mean, a line each. */
  readonly notes: readonly string[];
}

/** What `preparePod` works with. */
export interface PrepareOptions {
  /** Folder of the pod file: what it names is beside it. */
  readonly folder: string;
  readonly artifacts: ArtifactRecord;
  /** Makes an image of a folder, without some paths in it. */
  readonly pack: (folder: string, options: { readonly leaveOut: readonly string[] }) => Promise<PackedImage>;
  /** Fetches an image from a registry. */
  readonly fetch: (image: ImageName) => Promise<PackedImage>;
  /** Told what is done. */
  readonly onStep: (step: string) => void;
}

/**
 * Finds out what a pod's images and secrets are, and seals them: what was sealed before is not sealed anew. Nothing leaves this machine.
 * @throws OrreryError `not_found` for what is not there; `failed_precondition` where an image is not what the pod file says
 */
export async function preparePod(pod: Pod, options: PrepareOptions): Promise<PreparedPod> {
  const { folder, artifacts, onStep } = options;
  const [images, secrets]: [Record<string, string>, Record<string, string>] = [{}, {}];
  const [ready, notes]: [ReadyArtifact[], string[]] = [[], []];
  for (const { name, image } of pod.containers) {
    onStep(`taking image ${printImageName(image)} of container "${name}"`);
    const packed = isFolder(image)
      ? await options.pack(join(folder, image.source), { leaveOut: left(pod, image) })
      : await options.fetch(image);
    images[name] = packed.digest;
    if (image.digest === undefined) notes.push(`image ${printImageName(image)} is ${packed.digest}`);
    const about: ArtifactAbout = { kind: "image", app: pod.name, name: packed.digest };
    if (!ready.some(({ kept }) => kept.about.kind === "image" && kept.about.name === packed.digest))
      ready.push(await artifacts.seal(about, async () => packed.archive));
  }
  for (const { name, file } of pod.secrets) {
    const plain = await readSecretFile(join(folder, file), name);
    const artifact = await artifacts.seal({ kind: "secret", app: pod.name, name }, async () => plain);
    secrets[name] = artifact.kept.artifact;
    ready.push(artifact);
  }
  return { sealed: sealPod(pod, { images, secrets }), artifacts: ready, notes };
}

/** What of a folder never becomes part of an image: secrets, and what this command and benches keep. */
function left({ secrets }: Pod, { source }: ImageName): readonly string[] {
  const within = secrets.map(({ file }) => posix.relative(posix.normalize(source), posix.normalize(file)));
  return [".orrery", ...within.filter((path) => !path.startsWith(".."))];
}

async function readSecretFile(path: string, name: string): Promise<Uint8Array> {
  const plain = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new OrreryError("not_found", `Cannot read secret "${name}": ${error.code} for "${path}"`, { cause: error });
  });
  if (plain.length <= SECRET_BYTES_MAX) return plain;
  const why = `"${path}" has ${plain.length} bytes, and up to ${SECRET_BYTES_MAX} fit`;
  throw new OrreryError("out_of_range", `Cannot read secret "${name}": ${why}`);
}
