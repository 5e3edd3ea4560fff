import type { Account, Digest } from "../lease/terms.ts";
import type { AttestIssuer, AttestPolicy, Evidence } from "./evidence.ts";
import { digestOfClaims, podMeasurement, quotedDigestOf, REGISTER, registerOf } from "./measurements.ts";
import { parseTpmQuote, parseTpmSignature } from "./tpm-quote.ts";

/** What whoever asked for evidence knows. */
export interface Expected {
  readonly nonce: string;
  readonly manifest: Digest;
  /** Digests of the pod's images. */
  readonly images: readonly string[];
  /** The key that the lease has. Default: any. */
  readonly session?: Account;
}

/** What may be wrong with evidence, in the order in which it is looked at. */
export const ATTEST_CHECKS = [
  ...["kind", "issuer", "signature", "claims", "nonce", "age"],
  ...["measurements", "base", "pod", "manifest", "images", "session"],
] as const;

/** One thing that was looked at. */
export interface AttestCheck {
  readonly name: (typeof ATTEST_CHECKS)[number];
  /** Why it is not so; absent where it is. */
  readonly fault?: string;
}

/** What evidence proves. */
export interface Verdict {
  readonly isGood: boolean;
  readonly checks: readonly AttestCheck[];
  /** What must be said beside: of software, that it proves no machine. */
  readonly warnings: readonly string[];
}

/** How certificates and signatures are looked at. */
export interface SignatureChecks {
  /** Follows certificates up to an issuer that is known. @returns the issuer, or why there is none */
  chain(
    certificates: readonly string[],
    issuers: readonly AttestIssuer[],
    nowS: number,
  ): { readonly issuer: AttestIssuer } | { readonly fault: string };
  /** Whether the key of a certificate signed these bytes: r and s of ECDSA over P-256, of SHA-256. */
  isSigned(certificate: string, bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** Options of `verifyEvidence`. */
export interface VerifyEvidenceOptions {
  /** What is taken as proof. */
  readonly policy: AttestPolicy;
  /** What it must be evidence of. */
  readonly expected: Expected;
  /** Seconds since 1970. */
  readonly nowS: number;
  /** How certificates and signatures are looked at. */
  readonly signatures: SignatureChecks;
}

/** How much the clocks of two machines may differ, in seconds. */
const CLOCKS_DIFFER_S = 60;

/** Looks at evidence, without asking anybody: everything that is wrong with it is told, not the first alone. */
export function verifyEvidence(evidence: Evidence, options: VerifyEvidenceOptions): Verdict {
  const { policy } = options;
  if (!policy.kinds.includes(evidence.kind)) {
    const fault = `it is of kind ${evidence.kind}, and the policy takes ${policy.kinds.join(", ") || "none"}`;
    return { isGood: false, checks: [{ name: "kind", fault }], warnings: [] };
  }
  const machine = evidence.kind === "none" ? undefined : lookAtMachine(evidence, options);
  const checks = [{ name: "kind" as const }, ...(machine?.checks ?? []), ...lookAtClaims(evidence, options)];
  const order = checks.sort((a, b) => ATTEST_CHECKS.indexOf(a.name) - ATTEST_CHECKS.indexOf(b.name));
  const warnings =
    machine === undefined ? ["there is no proof: evidence of kind none is for trying things"] : machine.warnings;
  return { isGood: order.every(({ fault }) => fault === undefined), checks: order, warnings };
}

function lookAtMachine(
  evidence: Evidence,
  { policy, nowS, signatures }: VerifyEvidenceOptions,
): { readonly checks: readonly AttestCheck[]; readonly warnings: readonly string[] } {
  const { certificates, claims, measurements } = evidence;
  const bytes = Buffer.from(evidence.quote, "base64");
  const quote = parseTpmQuote(bytes);
  const signature = parseTpmSignature(Buffer.from(evidence.signature, "base64"));
  const found = signatures.chain(certificates, policy.issuers, nowS);
  const isSigned = signature !== undefined && signatures.isSigned(certificates[0] ?? "", bytes, signature);
  const register = quotedDigestOf(registerOf(measurements));
  const isOfRegister = quote?.registers.length === 1 && quote.registers[0] === REGISTER;
  const checks: AttestCheck[] = [
    check("issuer", "fault" in found ? found.fault : undefined),
    check(
      "signature",
      isSigned && quote !== undefined ? undefined : "the quote is not signed by the key that is certified",
    ),
    check("claims", quote?.extraData === digestOfClaims(claims) ? undefined : "the quote was made for other claims"),
    check(
      "measurements",
      isOfRegister && quote.digest === register
        ? undefined
        : `the quote is not of register ${REGISTER} after what is said to have been measured`,
    ),
  ];
  const isSoftware = "issuer" in found && found.issuer.certifies === "software";
  return { checks, warnings: isSoftware ? ["the TPM is software: this proves the protocol, not the machine"] : [] };
}

function lookAtClaims(
  { claims, measurements, pod }: Evidence,
  { policy, expected, nowS }: VerifyEvidenceOptions,
): readonly AttestCheck[] {
  const old = nowS - claims.madeAt;
  const own = measurements[pod.index];
  const isOwn = own?.kind === "pod" && own.digest === podMeasurement(claims, pod.salt).digest;
  const { session } = expected;
  return [
    check(
      "nonce",
      claims.nonce === expected.nonce ? undefined : `it is ${said(claims.nonce)}, not ${said(expected.nonce)}`,
    ),
    check("age", whyOld(old, policy.maxAgeS)),
    check("base", whyOtherBase(measurements, policy)),
    check("pod", isOwn ? undefined : "the pod is not among what was measured"),
    check(
      "manifest",
      claims.manifest === expected.manifest ? undefined : `it is ${claims.manifest}, not ${expected.manifest}`,
    ),
    check("images", whyOtherImages(claims.images, expected.images)),
    check(
      "session",
      session === undefined || session.toLowerCase() === claims.session.toLowerCase()
        ? undefined
        : `it is ${claims.session}, and the lease has ${session}`,
    ),
  ];
}

function whyOld(oldS: number, maxAgeS: number): string | undefined {
  if (oldS > maxAgeS) return `it is ${oldS} s old, and the policy takes ${maxAgeS} s`;
  return oldS < -CLOCKS_DIFFER_S ? `it is of ${-oldS} s from now: set the clocks` : undefined;
}

function whyOtherBase(measurements: readonly { kind: string; name: string; digest: string }[], { base }: AttestPolicy) {
  const measured = measurements.filter(({ kind }) => kind === "base");
  for (const { name, digest } of measured) {
    const allowed = Object.hasOwn(base, name) ? base[name] : undefined;
    if (allowed === undefined) return `"${name}" was measured, and the policy says nothing of it`;
    if (!allowed.includes(digest)) return `"${name}" is sha256:${digest}, which the policy does not take`;
  }
  const missing = Object.keys(base).find((name) => !measured.some((one) => one.name === name));
  return missing === undefined ? undefined : `"${missing}" was not measured`;
}

function whyOtherImages(images: readonly string[], expected: readonly string[]): string | undefined {
  const [found, wanted] = [[...new Set(images)].sort(), [...new Set(expected)].sort()];
  if (found.join() === wanted.join()) return undefined;
  const more = found.filter((one) => !wanted.includes(one));
  const less = wanted.filter((one) => !found.includes(one));
  return [...more.map((one) => `${one} is not the pod's`), ...less.map((one) => `${one} is missing`)].join(", ");
}

function check(name: AttestCheck["name"], fault: string | undefined): AttestCheck {
  return fault === undefined ? { name } : { name, fault };
}

function said(text: string): string {
  return JSON.stringify(text.slice(0, 128));
}
