import type { ArtifactAbout } from "../artifact/artifact.ts";
import type { AttestPolicy, Evidence } from "../attest/evidence.ts";
import { attestPolicyOf } from "../attest/policy-json.ts";
import type { Digest } from "../lease/terms.ts";
import { saidJson } from "../said-json.ts";
import { KEY_POLICY_ENTRIES_MAX, KEY_POLICY_LETTERS_MAX } from "./limits.ts";

/** To which pods a key is given: to those that fit all that is said here. */
export interface KeyPolicy {
  /** Sealed pods, by digest. None: each that fits the rest. */
  readonly manifests: readonly Digest[];
  /** Images that may run in the pod. None: each. A policy names manifests, images or both. */
  readonly images: readonly string[];
  /** Keys of pods that may be given it: X25519, in hex, each born with a pod. Absent: each pod that fits the rest. */
  readonly grantedTo?: readonly string[];
  /** What is taken as proof of where it runs. */
  readonly attest: AttestPolicy;
  /** Seconds since 1970 after which nobody gets it. Absent: it does not end. */
  readonly expiresAt?: number;
}

const said = saidJson("policy of the key", KEY_POLICY_LETTERS_MAX);
const IMAGE = { pattern: /^sha256:[0-9a-f]{64}$/, what: "sha256: and 32 bytes in hex" };
const MANIFEST = { pattern: /^0x[0-9a-f]{64}$/, what: "0x and 32 bytes in hex" };
const SEAL_TO = { pattern: /^[0-9a-f]{64}$/, what: "32 bytes in hex" };
const SECONDS_MAX = 2 ** 40;

/** A policy as JSON. */
export function writeKeyPolicy(policy: KeyPolicy): string {
  return JSON.stringify(policy);
}

/** Reads what `writeKeyPolicy` writes. @throws OrreryError `invalid_argument` for anything else, and for one that names neither manifests nor images */
export function readKeyPolicy(text: string): KeyPolicy {
  const whole = said.parse(text);
  const texts = (name: string, form: typeof IMAGE) =>
    said.list(whole[name], name, KEY_POLICY_ENTRIES_MAX).map((one, at) => said.text(one, `${name}.${at}`, form));
  const [manifests, images] = [texts("manifests", MANIFEST) as Digest[], texts("images", IMAGE)];
  if (manifests.length + images.length === 0)
    throw said.refusal("", "names neither manifests nor images: any pod would get the key, name some");
  const expiresAt = whole["expiresAt"];
  const grantedTo = whole["grantedTo"];
  return {
    ...{ manifests, images, attest: attestPolicyOf(said.object(whole["attest"], "attest"), { said, place: "attest" }) },
    ...(grantedTo !== undefined && { grantedTo: texts("grantedTo", SEAL_TO) }),
    ...(expiresAt !== undefined && { expiresAt: said.whole(expiresAt, "expiresAt", SECONDS_MAX) }),
  };
}

/**
 * Why a pod that evidence is of does not get a key, beside what is wrong with the evidence itself; undefined where it does. The key of an image is for
 * pods that run it.
 */
export function whyNotFor(
  { manifests, images, grantedTo, expiresAt }: KeyPolicy,
  {
    claims,
    about,
    nowS,
  }: { readonly claims: Evidence["claims"]; readonly about: ArtifactAbout; readonly nowS: number },
): string | undefined {
  if (expiresAt !== undefined && nowS >= expiresAt)
    return `its policy ended at ${new Date(expiresAt * 1_000).toISOString()}`;
  if (manifests.length > 0 && !manifests.includes(claims.manifest))
    return `its policy does not name pod ${claims.manifest}`;
  if (grantedTo !== undefined && !grantedTo.includes(claims.sealTo))
    return `its owner did not grant it to ${claims.sealTo}`;
  const other = images.length > 0 ? claims.images.find((image) => !images.includes(image)) : undefined;
  if (other !== undefined) return `its policy does not name image ${other}`;
  if (images.length > 0 && claims.images.length === 0) return "the pod runs no image";
  if (about.kind === "image" && !claims.images.includes(about.name)) return `the pod does not run ${about.name}`;
  return undefined;
}
