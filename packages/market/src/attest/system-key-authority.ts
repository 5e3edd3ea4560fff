import { createHash, randomBytes, timingSafeEqual, webcrypto, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, OrreryError } from "@orrery/core";
import { openTpmTools } from "./system-tpm-tools.ts";
import { parseTpmSigningKey, type TpmSigningKey } from "./tpm-public.ts";

const CURVE = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** How long a certificate of a signing key is good, and one of an authority. */
const KEY_MS = 90 * 86_400_000;
const AUTHORITY_MS = 10 * 365 * 86_400_000;
/** How much earlier than now one begins, for clocks that differ. */
const EARLIER_MS = 3_600_000;
/** Requests that wait for their answer; with one more the oldest is forgotten. */
const OPEN_MAX = 1_000;

/** What an authority keeps: its certificate, and its key as PKCS #8 in base64. */
export interface KeptAuthority {
  readonly certificate: string;
  readonly key: string;
}

/** Certifies signing keys of TPMs, once it has been shown that a TPM whose maker it knows holds them. */
export interface KeyAuthority {
  /** PEM. */
  readonly certificate: string;
  /**
   * Begins to certify a key. What it gives only the TPM opens that holds both this key and the one of its maker's certificate.
   * @throws OrreryError `permission_denied` for a TPM of another maker, `invalid_argument` for a key that is no signing key of a TPM
   */
  challenge(keys: { readonly signing: Uint8Array; readonly endorsement: Uint8Array }): Promise<Uint8Array>;
  /** The certificate of a key, in PEM, for what was in the challenge. @throws OrreryError `permission_denied` for anything else */
  certify(signing: Uint8Array, secret: Uint8Array): Promise<string>;
}

/** Makes an authority. */
export async function makeKeyAuthority(name: string, clock: Pick<Clock, "now">): Promise<KeptAuthority> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
  const nowMs = clock.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: [{ CN: [name] }],
    notBefore: new Date(nowMs - EARLIER_MS),
    notAfter: new Date(nowMs + AUTHORITY_MS),
    signingAlgorithm: CURVE,
    keys: keys as never,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return { certificate: certificate.toString("pem"), key };
}

/** Options of `openKeyAuthority`. */
export interface KeyAuthorityOptions {
  /** As `makeKeyAuthority` made it. */
  readonly kept: KeptAuthority;
  /** Who may have made a TPM: certificates in PEM, of which one has issued that of the TPM. */
  readonly makers: readonly string[];
  /** Says from when on a certificate is good. */
  readonly clock: Pick<Clock, "now">;
}

/** Opens it. I1: a secret is good once, for the key that it was made for. */
export function openKeyAuthority({ kept, makers, clock }: KeyAuthorityOptions): KeyAuthority {
  const open = new Map<string, Uint8Array>();
  return {
    certificate: kept.certificate,
    challenge: async ({ signing, endorsement }) => {
      const key = signingKeyOf(signing);
      const maker = readCertificate(endorsement);
      const isKnown = makers.some((pem) => maker?.verify(new X509Certificate(pem).publicKey) === true);
      if (maker === undefined || !isKnown)
        throw new OrreryError("permission_denied", "Cannot certify the key: its TPM is of no maker that is known here");
      const secret = randomBytes(32);
      const name = nameOf(key);
      if (open.size >= OPEN_MAX) open.delete(open.keys().next().value ?? "");
      open.set(name, secret);
      return makeCredential(maker, name, secret);
    },
    certify: async (signing, secret) => {
      const key = signingKeyOf(signing);
      const wanted = open.get(nameOf(key));
      if (wanted === undefined || secret.length !== wanted.length || !timingSafeEqual(secret, wanted))
        throw new OrreryError("permission_denied", "Cannot certify the key: the answer is not what was asked for");
      open.delete(nameOf(key)); // I1
      return issue(kept, key, clock.now());
    },
  };
}

function signingKeyOf(signing: Uint8Array): TpmSigningKey {
  const key = parseTpmSigningKey(signing);
  if (key !== undefined) return key;
  throw new OrreryError(
    "invalid_argument",
    "Cannot certify the key: it is none by which a TPM signs what it says itself",
  );
}

/** The name of a key: its public area, by digest. */
function nameOf({ area }: TpmSigningKey): string {
  return `000b${createHash("sha256").update(area).digest("hex")}`;
}

function readCertificate(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** By tpm2-tools, without a TPM. */
async function makeCredential(maker: X509Certificate, name: string, secret: Uint8Array): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "orrery-credential-"));
  try {
    const pem = maker.publicKey.export({ type: "spki", format: "pem" }) as string;
    await writeFile(join(folder, "ek.pem"), pem);
    await writeFile(join(folder, "secret"), secret, { mode: 0o600 });
    const words = ["-u", "ek.pem", "-G", "rsa", "-s", "secret", "-n", name, "-o", "credential"];
    await openTpmTools({ tcti: "none", folder }).run("tpm2_makecredential", "-T", "none", ...words);
    return await readFile(join(folder, "credential"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function issue(kept: KeptAuthority, { x, y }: TpmSigningKey, nowMs: number): Promise<string> {
  const x509 = await loadX509();
  const root = new x509.X509Certificate(kept.certificate);
  const raw = Buffer.concat([Buffer.of(4), x, y]);
  const publicKey = await webcrypto.subtle.importKey("raw", raw, CURVE, true, ["verify"]);
  const pkcs8 = Buffer.from(kept.key, "base64");
  const signingKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, CURVE, false, ["sign"]);
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [{ CN: ["TPM signing key"] }],
    issuer: root.subject,
    notBefore: new Date(nowMs - EARLIER_MS),
    notAfter: new Date(nowMs + KEY_MS),
    signingAlgorithm: CURVE,
    publicKey: publicKey as never,
    signingKey: signingKey as never,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  return leaf.toString("pem");
}

/** Loads what writes certificates: most processes never do. */
async function loadX509() {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  x509.cryptoProvider.set(webcrypto as never);
  return x509;
}

/** 16 bytes, of which the first is neither 0 nor above 127: RFC 5280 wants it above 0. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 1;
  return bytes.toString("hex");
}
