import { OrreryError } from "@orrery/core";
import type { ArtifactAbout } from "../artifact/artifact.ts";
import { readWrap } from "../artifact/key-wrap.ts";
import { openArtifact } from "../artifact/system-artifact.ts";
import { openWrap } from "../artifact/system-key-wrap.ts";
import type { SealedPod } from "../pod/pod.ts";
import type { WantedPod } from "../runtime/pod-runtime.ts";
import { STORES_MAX, WRAPPED_KEYS_MAX } from "./limits.ts";
import { artifactFile, type KeptKey, type LeaseFolder } from "./pod-record.ts";
import type { PodSession } from "./pod-session.ts";
import type { ArtifactSource } from "./provider-options.ts";

/** A key of an artifact as a publisher sends it. */
export interface GivenKey extends KeptKey {
  /** URLs of stores that have the artifact. */
  readonly stores: readonly string[];
}

/**
 * Sees to it that all that a pod is made of is in its folder, encrypted as it is.
 * @throws OrreryError `invalid_argument` for keys that do not fit the pod, `not_found` where an artifact is nowhere, `permission_denied` for other stores
 */
export async function gatherArtifacts(
  sealed: SealedPod,
  keys: readonly GivenKey[],
  { folder, source }: { readonly folder: LeaseFolder; readonly source: ArtifactSource },
): Promise<void> {
  if (keys.length > WRAPPED_KEYS_MAX)
    throw new OrreryError("invalid_argument", `Cannot take ${keys.length} keys: ${WRAPPED_KEYS_MAX} are the most`);
  for (const { artifact } of artifactsOf(sealed, keys)) {
    if ((await folder.read(artifactFile(artifact))) !== undefined) continue;
    const stores = keys.find((key) => key.artifact === artifact)?.stores ?? [];
    await folder.write(artifactFile(artifact), await fetchArtifact(artifact, stores, source));
  }
}

/** What the runtime is to run: images are opened when it asks for them, secrets now; both in memory alone. */
export async function wantedPod(
  name: string,
  sealed: SealedPod,
  {
    keys,
    folder,
    session,
  }: { readonly keys: readonly KeptKey[]; readonly folder: LeaseFolder; readonly session: PodSession },
): Promise<WantedPod> {
  const found = await Promise.all(
    artifactsOf(sealed, keys).map(async (one) => {
      const context = { artifact: one.artifact, about: one.about, purpose: "run" } as const;
      return { ...one, key: await openWrap(readWrap(one.wrap), { key: session.sealKey, context }) };
    }),
  );
  const open = async (kind: ArtifactAbout["kind"], what: string): Promise<Uint8Array> => {
    const { about, artifact, key } =
      found.find((one) => one.about.kind === kind && one.about.name === what) ?? assertNever(what);
    const bytes = await folder.read(artifactFile(artifact));
    if (bytes === undefined)
      throw new OrreryError("data_loss", `Cannot open ${artifact}: it is not in the folder of its lease`);
    return await openArtifact(bytes, { key, about, digest: artifact });
  };
  const images = sealed.pod.containers.map(({ name: container }) => {
    const digest = sealed.images[container] ?? "";
    return [container, { digest, read: () => open("image", digest) }] as const;
  });
  const secrets = await Promise.all(
    sealed.pod.secrets.map(async (one) => [one.name, await open("secret", one.name)] as const),
  );
  return { name, pod: sealed.pod, images: Object.fromEntries(images), secrets: Object.fromEntries(secrets) };
}

/** Every image and secret has a key: that was looked at. */
function assertNever(what: string): never {
  throw new TypeError(`there is no artifact of "${what}"`);
}

interface FoundArtifact extends KeptKey {
  readonly about: ArtifactAbout;
}

/** The artifact of each image and secret of a pod, by what its key says that it is of. @throws OrreryError `invalid_argument` where one is missing */
function artifactsOf({ pod, images, secrets }: SealedPod, keys: readonly KeptKey[]): readonly FoundArtifact[] {
  const read = keys.map((key) => ({ key, wrap: readWrap(key.wrap) }));
  const find = (about: ArtifactAbout, artifact?: string): FoundArtifact => {
    const one = read.find(
      ({ key, wrap }) =>
        wrap.about.kind === about.kind && wrap.about.name === about.name && key.artifact === (artifact ?? key.artifact),
    );
    if (one !== undefined) return { artifact: one.key.artifact, wrap: one.key.wrap, about };
    throw new OrreryError(
      "invalid_argument",
      `Cannot run pod "${pod.name}": there is no key of ${about.kind} "${about.name}"; send one for each image and secret`,
    );
  };
  return [...new Set(pod.containers.map(({ name }) => images[name] ?? ""))]
    .map((digest) => find({ kind: "image", app: pod.name, name: digest }))
    .concat(pod.secrets.map(({ name }) => find({ kind: "secret", app: pod.name, name }, secrets[name])));
}

async function fetchArtifact(digest: string, stores: readonly string[], source: ArtifactSource): Promise<Uint8Array> {
  const own = await source.read(digest);
  if (own !== undefined) return own;
  if (stores.length > STORES_MAX)
    throw new OrreryError(
      "invalid_argument",
      `Cannot look for ${digest} in ${stores.length} stores: ${STORES_MAX} are the most`,
    );
  const allowed = stores.filter((store) => source.stores.includes(store));
  const faults: string[] = [];
  for (const store of allowed) {
    try {
      return await source.fetch(digest, store);
    } catch (error) {
      faults.push(`${store}: ${(error as Error).message}`);
    }
  }
  const other = stores.filter((store) => !allowed.includes(store));
  if (other.length > 0 && allowed.length === 0) {
    const known =
      source.stores.length === 0 ? "it fetches from none" : `it fetches from ${source.stores.join(", ")} alone`;
    throw new OrreryError(
      "permission_denied",
      `Cannot fetch ${digest} from ${other.join(", ")}: ${known}; upload it here`,
    );
  }
  const why = faults.length === 0 ? "upload it here first" : faults.join("; ");
  throw new OrreryError("not_found", `Cannot find artifact ${digest}: ${why}`);
}
