import { verify, X509Certificate } from "node:crypto";
import type { SignatureChecks } from "./verify-evidence.ts";

/** Longest chain of certificates that is followed. */
const CHAIN_MAX = 8;

/** Looks at certificates and signatures by the machine's own OpenSSL. */
export function createSignatureChecks(): SignatureChecks {
  return {
    chain: (certificates, issuers, nowS) => {
      const [leaf, ...rest] = certificates.slice(0, CHAIN_MAX).map(readCertificate);
      if (leaf === undefined) return { fault: "there is no certificate of the signing key" };
      const known = issuers.flatMap((issuer) => {
        const certificate = readCertificate(issuer.certificate);
        return certificate === undefined ? [] : [{ issuer, certificate }];
      });
      for (let last = leaf, left = rest; ; ) {
        const why = whyNotNow(last, nowS);
        if (why !== undefined) return { fault: why };
        const end = known.find(
          ({ certificate }) => isIssued(last, certificate) && whyNotNow(certificate, nowS) === undefined,
        );
        if (end !== undefined) return { issuer: end.issuer };
        const [next, ...others] = left;
        if (next === undefined || !next.ca || !isIssued(last, next))
          return { fault: `"${last.issuer.replaceAll("\n", ", ")}" is no issuer that the policy takes` };
        [last, left] = [next, others];
      }
    },
    isSigned: (certificate, bytes, signature) => {
      const key = readCertificate(certificate)?.publicKey;
      if (key?.asymmetricKeyDetails?.namedCurve !== "prime256v1") return false;
      return verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, signature);
    },
  };
}

/** Whom certificates name, for people; one that is none is said to be that. */
export function certificateNames(certificates: readonly string[]): readonly string[] {
  return certificates.map((pem) => readCertificate(pem)?.subject.replaceAll("\n", ", ") ?? "no certificate");
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function isIssued(certificate: X509Certificate, by: X509Certificate): boolean {
  return certificate.checkIssued(by) && certificate.verify(by.publicKey);
}

function whyNotNow({ validFromDate, validToDate, subject }: X509Certificate, nowS: number): string | undefined {
  const nowMs = nowS * 1_000;
  if (nowMs >= validFromDate.getTime() && nowMs <= validToDate.getTime()) return undefined;
  return `the certificate of "${subject.replaceAll("\n", ", ")}" is good from ${validFromDate.toISOString()} to ${validToDate.toISOString()}`;
}
