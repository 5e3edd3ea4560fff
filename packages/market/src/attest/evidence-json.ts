import type { Account, Digest } from "../lease/terms.ts";
import { saidJson } from "../said-json.ts";
import { EVIDENCE_KINDS, type Evidence, type EvidenceClaims, type EvidenceKind, type Measurement } from "./evidence.ts";
import {
  CERTIFICATE_LETTERS_MAX,
  CERTIFICATES_MAX,
  EVIDENCE_IMAGES_MAX,
  EVIDENCE_LETTERS_MAX,
  MEASUREMENTS_MAX,
} from "./limits.ts";

const said = saidJson("evidence", EVIDENCE_LETTERS_MAX);
const SHA256 = { pattern: /^[0-9a-f]{64}$/, what: "32 bytes in hex" };
const BASE64 = { pattern: /^[A-Za-z0-9+/]{0,8192}={0,2}$/, what: "up to 8192 letters of base64" };
const NONCE = { pattern: /^.{1,128}$/su, what: "1 to 128 letters" };
const KIND = { pattern: new RegExp(`^(${EVIDENCE_KINDS.join("|")})$`), what: `one of ${EVIDENCE_KINDS.join(", ")}` };

/** Evidence as JSON, as it travels and is kept. */
export function writeEvidence({ kind, claims, measurements, pod, quote, signature, certificates }: Evidence): string {
  const { nonce, session, sealTo, manifest, images, madeAt } = claims;
  return JSON.stringify({
    kind,
    claims: { nonce, session, sealTo, manifest, images, madeAt },
    measurements: measurements.map(({ kind: of, name, digest }) => ({ kind: of, name, digest })),
    pod: { index: pod.index, salt: pod.salt },
    ...{ quote, signature, certificates },
  });
}

/** Reads what `writeEvidence` writes; it proves nothing yet. @throws OrreryError `invalid_argument` for anything else, with what is wrong and where */
export function readEvidence(text: string): Evidence {
  const whole = said.parse(text);
  const pod = said.object(whole["pod"], "pod");
  const salt = { pattern: /^[0-9a-f]{0,64}$/, what: "up to 32 bytes in hex" };
  const pem = { pattern: new RegExp(`^[^]{1,${CERTIFICATE_LETTERS_MAX}}$`), what: "a certificate in PEM" };
  return {
    kind: said.text(whole["kind"], "kind", KIND) as EvidenceKind,
    claims: claimsOf(said.object(whole["claims"], "claims")),
    measurements: said
      .list(whole["measurements"], "measurements", MEASUREMENTS_MAX)
      .map((one, at) => measurementOf(one, `measurements.${at}`)),
    pod: {
      index: said.whole(pod["index"], "pod.index", MEASUREMENTS_MAX),
      salt: said.text(pod["salt"], "pod.salt", salt),
    },
    quote: said.text(whole["quote"], "quote", BASE64),
    signature: said.text(whole["signature"], "signature", BASE64),
    certificates: said
      .list(whole["certificates"], "certificates", CERTIFICATES_MAX)
      .map((one, at) => said.text(one, `certificates.${at}`, pem)),
  };
}

function claimsOf(claims: Readonly<Record<string, unknown>>): EvidenceClaims {
  const hex = (bytes: number) => ({
    pattern: new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`),
    what: `0x and ${bytes} bytes in hex`,
  });
  const image = { pattern: /^sha256:[0-9a-f]{64}$/, what: "sha256: and 32 bytes in hex" };
  return {
    nonce: said.text(claims["nonce"], "claims.nonce", NONCE),
    session: said.text(claims["session"], "claims.session", hex(20)) as Account,
    sealTo: said.text(claims["sealTo"], "claims.sealTo", SHA256),
    manifest: said.text(claims["manifest"], "claims.manifest", hex(32)) as Digest,
    images: said
      .list(claims["images"], "claims.images", EVIDENCE_IMAGES_MAX)
      .map((one, at) => said.text(one, `claims.images.${at}`, image)),
    madeAt: said.whole(claims["madeAt"], "claims.madeAt", 2 ** 40),
  };
}

function measurementOf(one: unknown, place: string): Measurement {
  const { kind, name, digest } = said.object(one, place);
  const form = { pattern: /^[\x20-\x7e]{0,64}$/, what: "up to 64 plain letters" };
  return {
    kind: said.text(kind, `${place}.kind`, { pattern: /^(base|pod)$/, what: "base or pod" }) as Measurement["kind"],
    name: said.text(name, `${place}.name`, form),
    digest: said.text(digest, `${place}.digest`, SHA256),
  };
}
