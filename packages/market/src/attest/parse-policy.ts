import { OrreryError } from "@orrery/core";
import { parseDuration, readDocument } from "@orrery/mesh/internal";
import type { AttestPolicy } from "./evidence.ts";
import { POLICY_LETTERS_MAX } from "./limits.ts";
import { bodyOf } from "./policy-digest.ts";
import { POLICY_SHAPE, type SaidIssuer, type SaidPolicy } from "./policy-shape.ts";

/** How old evidence may be where a policy does not say. */
const MAX_AGE_DEFAULT = "5m";

/** Options of `parsePolicy`. */
export interface ParsePolicyOptions {
  /** What errors call the file. */
  readonly file: string;
  /** Gives the text of a file that the policy names, from its folder. It throws for one that is not there. */
  readonly read: (file: string) => string;
}

/**
 * Reads the text of a policy: what a publisher takes as proof of where its pod runs.
 * @throws OrreryError `invalid_argument` with every mistake, each with `file:line:column`, what would work, its line and a caret
 */
export function parsePolicy(text: string, { file, read }: ParsePolicyOptions): AttestPolicy {
  const certificates = new Map<SaidIssuer, string>();
  const judge = ({ issuers = [], maxAge }: SaidPolicy) => [
    ...issuers.flatMap((issuer, at) => {
      const found = certificateOf(issuer, read);
      if (!("why" in found)) {
        certificates.set(issuer, found.certificate);
        return [];
      }
      return [{ path: ["issuers", at, ...found.path], text: `"issuers[${at}]": ${found.why}` }];
    }),
    ...(maxAge !== undefined && secondsOf(maxAge) < 1
      ? [{ path: ["maxAge"], text: '"maxAge" is less than a second: write a time such as 5m' }]
      : []),
  ];
  const options = { file, judge, bytesMax: POLICY_LETTERS_MAX, showsLines: true };
  const found = readDocument<SaidPolicy>(text, POLICY_SHAPE, options);
  if (!isPolicy(found))
    throw new OrreryError(
      "invalid_argument",
      `Cannot read "${file}":\n  ${file}:1:1: "kinds" is missing: write kinds: [tpm2]`,
    );
  const { kinds, issuers = [], base = {}, maxAge = MAX_AGE_DEFAULT } = found;
  return {
    kinds,
    issuers: issuers.map((issuer) => ({
      certificate: certificates.get(issuer) ?? "",
      certifies: issuer.certifies,
    })),
    base: Object.fromEntries(
      Object.entries(base).map(([name, digests]) => [name, digests.map((one) => one.slice("sha256:".length))]),
    ),
    maxAgeS: secondsOf(maxAge),
  };
}

function isPolicy(found: SaidPolicy | Record<string, never>): found is SaidPolicy {
  return "kinds" in found;
}

function certificateOf(
  { file, certificate }: SaidIssuer,
  read: (file: string) => string,
): { readonly certificate: string } | { readonly why: string; readonly path: readonly string[] } {
  if ((file === undefined) === (certificate === undefined))
    return { why: "write either file or certificate", path: [] };
  if (certificate !== undefined) return { certificate };
  try {
    const text = read(file ?? "");
    return bodyOf(text) !== undefined
      ? { certificate: text }
      : { why: `"${file}" is no certificate in PEM`, path: ["file"] };
  } catch (error) {
    return { why: `cannot read "${file}": ${(error as Error).message}`, path: ["file"] };
  }
}

function secondsOf(time: string): number {
  return Math.floor((parseDuration(time) ?? 0) / 1_000);
}
