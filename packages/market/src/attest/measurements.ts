import { type ByteArray, bytesToHex, concat, hexToBytes, sha256, stringToBytes } from "viem";
import type { EvidenceClaims, Measurement } from "./evidence.ts";

/** The register that is extended: one that nothing sets back while the machine runs. */
export const REGISTER = 14;

/** The register after all that was measured, in hex. It begins with zeros, and each step is the digest of itself and what comes. */
export function registerOf(measurements: readonly Measurement[]): string {
  const end = measurements.reduce<ByteArray>(
    (register, { digest }) => sha256(concat([register, hexToBytes(`0x${digest}`)]), "bytes"),
    new Uint8Array(32),
  );
  return bytesToHex(end).slice(2);
}

/** What a quote of the register alone says of it. */
export function quotedDigestOf(register: string): string {
  return sha256(hexToBytes(`0x${register}`)).slice(2);
}

/** What a pod is measured as: whoever does not know the salt does not learn which pods ran on a machine. */
export function podMeasurement({ manifest, session, sealTo }: EvidenceClaims, salt: string): Measurement {
  const said = `pod\n${salt}\n${manifest}\n${session.toLowerCase()}\n${sealTo}`;
  return { kind: "pod", name: "", digest: sha256(stringToBytes(said)).slice(2) };
}

/** What a quote is asked to sign beside the register: all claims, in the order of their names. */
export function digestOfClaims({ nonce, session, sealTo, manifest, images, madeAt }: EvidenceClaims): string {
  const said = JSON.stringify({ images, madeAt, manifest, nonce, sealTo, session: session.toLowerCase() });
  return sha256(stringToBytes(said)).slice(2);
}
