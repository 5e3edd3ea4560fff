import { webcrypto } from "node:crypto";
import type { Clock } from "@orrery/core";
import type { CertificateIssuer } from "./certificates.ts";
import { OWN_LEAF_MS, OWN_ROOT_MS } from "./limits.ts";
import type { SealedFiles } from "./system-certificate-store.ts";

const CURVE = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const ROOT = "authority";
/** How much earlier than now a certificate begins, for clocks that differ. */
const EARLIER_MS = 3_600_000;

/** Loads what writes certificates: most processes never do. */
async function loadX509() {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  x509.cryptoProvider.set(webcrypto as never);
  return x509;
}

/** An authority of the platform's own: for machines at which no other one looks. */
export interface OwnAuthority extends CertificateIssuer {
  /** Its certificate as PEM, for those who are to trust it. */
  readonly root: string;
}

/** Options of `openOwnAuthority`. */
export interface OwnAuthorityOptions {
  /** Where its key is kept. */
  readonly files: SealedFiles;
  /** Says from when on a certificate is good. */
  readonly clock: Pick<Clock, "now">;
}

/** Opens it, and makes it the first time. */
export async function openOwnAuthority({ files, clock }: OwnAuthorityOptions): Promise<OwnAuthority> {
  const x509 = await loadX509();
  const kept = files.read(ROOT);
  const made = kept === undefined ? await makeRoot(clock.now(), x509) : (JSON.parse(kept) as KeptRoot);
  if (kept === undefined) files.write(ROOT, JSON.stringify(made));
  const root = new x509.X509Certificate(made.root);
  const signingKey = await readKey(made.key);
  return {
    root: made.root,
    order: async (host) => {
      const keys = await webcrypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
      const nowMs = clock.now();
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: serial(),
        subject: `CN=${host.slice(0, 64)}`,
        issuer: root.subject,
        notBefore: new Date(nowMs - EARLIER_MS),
        notAfter: new Date(nowMs + OWN_LEAF_MS),
        signingAlgorithm: CURVE,
        publicKey: keys.publicKey as never,
        signingKey: signingKey as never,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          new x509.SubjectAlternativeNameExtension([{ type: "dns", value: host }]),
        ],
      });
      return { chain: `${leaf.toString("pem")}\n${made.root}\n`, key: await writeKey(keys.privateKey) };
    },
  };
}

interface KeptRoot {
  readonly root: string;
  readonly key: string;
}

async function makeRoot(nowMs: number, x509: Awaited<ReturnType<typeof loadX509>>): Promise<KeptRoot> {
  const keys = await webcrypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: "CN=Orrery",
    notBefore: new Date(nowMs - EARLIER_MS),
    notAfter: new Date(nowMs + OWN_ROOT_MS),
    signingAlgorithm: CURVE,
    keys: keys as never,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return { root: root.toString("pem"), key: await writeKey(keys.privateKey) };
}

function serial(): string {
  return `0${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString("hex")}1`;
}

async function writeKey(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${bytes.match(/.{1,64}/g)?.join("\n")}\n-----END PRIVATE KEY-----\n`;
}

function readKey(pem: string): Promise<webcrypto.CryptoKey> {
  const bytes = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  return webcrypto.subtle.importKey("pkcs8", bytes, CURVE, false, ["sign"]);
}
