import { listOf, type RecordShape, record, type TextShape } from "@orrery/mesh/internal";
import { EVIDENCE_KINDS, type EvidenceKind } from "./evidence.ts";
import { POLICY_ENTRIES_MAX } from "./limits.ts";

const text = (what: string, pattern: RegExp, example: string): TextShape => ({ kind: "text", what, pattern, example });

/** What a policy file says, as it is written. */
export interface SaidPolicy {
  readonly kinds: readonly EvidenceKind[];
  readonly issuers?: readonly SaidIssuer[];
  readonly base?: Readonly<Record<string, readonly string[]>>;
  readonly maxAge?: string;
}

/** An issuer as a policy file names it. */
export interface SaidIssuer {
  readonly file?: string;
  readonly certificate?: string;
  readonly certifies: "hardware" | "software";
}

/** All that a policy file may say. */
export const POLICY_SHAPE: RecordShape = record({
  kinds: {
    shape: listOf({ kind: "choice", of: EVIDENCE_KINDS }, EVIDENCE_KINDS.length, 1),
    about: "What evidence may be made by. none proves nothing, and is for trying things.",
    isRequired: true,
  },
  issuers: {
    shape: listOf(
      record({
        file: {
          shape: text("a path from this file's folder", /^[^\0\\]{1,512}$/, "authority.pem"),
          about: "File of the certificate, in PEM.",
        },
        certificate: {
          shape: text(
            "a certificate in PEM",
            /^-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,16000}-----END CERTIFICATE-----\s*$/,
            "-----BEGIN CERTIFICATE-----…",
          ),
          about: "The certificate itself, in PEM, in place of its file.",
        },
        certifies: {
          shape: { kind: "choice", of: ["hardware", "software"] },
          about: "Which keys it certifies: those of software prove the protocol, not the machine.",
          isRequired: true,
        },
      }),
      POLICY_ENTRIES_MAX,
    ),
    about: "Who may have certified keys that sign evidence. Default: nobody.",
  },
  base: {
    shape: {
      kind: "map",
      names: text("a part of the base", /^[\x21-\x7e]{1,64}$/, "orrery"),
      of: listOf(text("a digest", /^sha256:[0-9a-f]{64}$/, "sha256: and 64 digits of 0-9a-f"), POLICY_ENTRIES_MAX, 1),
      max: POLICY_ENTRIES_MAX,
    },
    about: "Digests that each part of what a provider runs on may have. What is not named may not have been measured.",
  },
  maxAge: {
    shape: text("a time", /^\d{1,9}(\.\d{1,3})?(s|m|h)$/, "5m"),
    about: "After how long evidence is old. Default: 5m.",
  },
});
