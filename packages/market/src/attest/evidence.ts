import type { Account, Digest } from "../lease/terms.ts";

/** What evidence is made by. `none` proves nothing: it stands where there is no machine, as in the simulator. */
export const EVIDENCE_KINDS = ["tpm2", "none"] as const;

/** One of them. */
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** What a provider says of a pod that it runs, or would run, and what evidence binds together. */
export interface EvidenceClaims {
  /** What whoever asks chose, so that no old evidence will do. Of 1 to 128 letters. */
  readonly nonce: string;
  /** The key that signs beats; born for this pod, and nowhere else. */
  readonly session: Account;
  /** X25519 key, in hex, to which keys of images and secrets are wrapped. */
  readonly sealTo: string;
  /** The sealed pod. */
  readonly manifest: Digest;
  /** Digests of the images that run, in rising order. */
  readonly images: readonly string[];
  /** Seconds since 1970, by the provider's clock. */
  readonly madeAt: number;
}

/** One thing that was measured. */
export interface Measurement {
  /** `base` is of what the provider itself runs on; `pod` is a pod, hidden from all but its publisher. */
  readonly kind: "base" | "pod";
  /** What of the base it is, such as `orrery`; empty of a pod. */
  readonly name: string;
  /** SHA-256, in hex: of a file, or of a pod as `podMeasurement` has it. */
  readonly digest: string;
}

/** What proves claims: a register of a TPM, signed by a key that never leaves it. */
export interface Evidence {
  readonly kind: EvidenceKind;
  readonly claims: EvidenceClaims;
  /** All that the register was extended with since the machine started, in order. */
  readonly measurements: readonly Measurement[];
  /** Which of them is this pod, and what hides it, in hex. */
  readonly pod: { readonly index: number; readonly salt: string };
  /** TPMS_ATTEST, in base64. */
  readonly quote: string;
  /** TPMT_SIGNATURE over it, in base64. */
  readonly signature: string;
  /** PEM: of the signing key, then of who issued that, up to an issuer that a policy names. */
  readonly certificates: readonly string[];
}

/** Makes evidence. Owns: the key that signs it. */
export interface Attester {
  /** Measures a pod, and proves the claims: with them the pod is in the register for good. */
  attest(claims: EvidenceClaims): Promise<Evidence>;
}

/** What a publisher takes as proof. */
export interface AttestPolicy {
  readonly kinds: readonly EvidenceKind[];
  /** Who may have issued certificates of signing keys. */
  readonly issuers: readonly AttestIssuer[];
  /** Digests that each part of the base may have, SHA-256 in hex. Each part that is named here must have been measured, and no other. */
  readonly base: Readonly<Record<string, readonly string[]>>;
  /** Seconds after which evidence is old. */
  readonly maxAgeS: number;
}

/** Who certifies keys, and what that says of them. */
export interface AttestIssuer {
  /** PEM. */
  readonly certificate: string;
  /** Whether it certifies keys of hardware. What it says of keys in software is labelled as that. */
  readonly certifies: "hardware" | "software";
}
