import { OrreryError } from "@orrery/core";
import { bytesToBigInt } from "viem";
import type { Evidence } from "../attest/evidence.ts";
import { type Account, type Digest, NO_DIGEST, NOBODY } from "../lease/terms.ts";
import { leaseName } from "../lease/typed-data.ts";
import type { SealedPod } from "../pod/pod.ts";
import { reservedBy, usedAtMostBy } from "../pod/pod-amounts.ts";
import { readSealedPod } from "../pod/sealed-pod-json.ts";
import { hostsOf } from "../ports/system-pod-door.ts";
import { assertFits } from "../quote/capacity.ts";
import { type Quote, signQuote, termsOf } from "../quote/quote.ts";
import { NONCE_CHARS_MAX } from "./limits.ts";
import { createPodSession, type PodSession } from "./pod-session.ts";
import type { ProviderParts } from "./provider-parts.ts";

/** What somebody asks a quote for. */
export interface AskedQuote {
  /** JSON of the sealed pod. */
  readonly pod: string;
  readonly publisher: string;
  readonly policy: string;
  readonly nonce: string;
  /** Agent of who asks. */
  readonly asker: string;
}

/** A quote, and evidence where a nonce was given. */
export interface MadeQuote {
  readonly quote: Quote;
  readonly evidence: Evidence | undefined;
}

/**
 * Makes a quote for a pod. It holds nothing: another may take what is free now.
 * @throws OrreryError `resource_exhausted` where the pod does not fit in what is free, `already_exists` and `permission_denied` for a host that it cannot have
 */
export async function makeQuote(parts: ProviderParts, asked: AskedQuote): Promise<MadeQuote> {
  const { options, capacity, book } = parts;
  const { key, chain, clock, random, priceList } = options;
  parts.assertOpen();
  const publisher = asked.publisher === "" ? NOBODY : accountOf(asked.publisher);
  const policy = asked.policy === "" ? NO_DIGEST : digestOf(asked.policy, "policy");
  assertNonce(asked.nonce);
  const sealed = readSealedPod(asked.pod);
  const [reserved, usedAtMost] = [reservedBy(sealed.pod), usedAtMostBy(sealed.pod)];
  assertFits(reserved, capacity.free());
  if (publisher !== NOBODY) await options.ways.assertClaimable(hostsOf(sealed.pod), publisher);
  const request = { publisher, manifest: sealed.digest, policy, reserved, usedAtMost };
  const terms = termsOf(priceList, request, {
    provider: key.address.toLowerCase() as Account,
    nowS: Math.floor(clock.now() / 1_000),
    nonce: bytesToBigInt(random.bytes(32)),
  });
  const quote = await signQuote(
    { terms, prices: priceList.prices, reserved, usedAtMost, domain: chain.domain },
    { key },
  );
  const session = createPodSession(random);
  const evidence = asked.nonce === "" ? undefined : await proofOf(parts, { sealed, session, nonce: asked.nonce });
  book.add({ lease: leaseName(terms), quote, session, asker: asked.asker });
  return { quote, evidence };
}

/** Proves where a pod runs, or would run. */
export function proofOf(
  { options }: Pick<ProviderParts, "options">,
  { sealed, session, nonce }: { readonly sealed: SealedPod; readonly session: PodSession; readonly nonce: string },
): Promise<Evidence> {
  assertNonce(nonce);
  return options.attester.attest({
    nonce,
    session: session.beatKey.address.toLowerCase() as Account,
    sealTo: session.sealKey.sealTo,
    manifest: sealed.digest,
    images: [...new Set(Object.values(sealed.images))].sort(),
    madeAt: Math.floor(options.clock.now() / 1_000),
  });
}

function assertNonce(nonce: string): void {
  if (nonce.length <= NONCE_CHARS_MAX) return;
  throw new OrreryError(
    "invalid_argument",
    `Cannot use a nonce of ${nonce.length} letters: ${NONCE_CHARS_MAX} are the most`,
  );
}

function accountOf(text: string): Account {
  if (/^0x[0-9a-f]{40}$/i.test(text)) return text.toLowerCase() as Account;
  throw new OrreryError(
    "invalid_argument",
    `Cannot quote for publisher "${text.slice(0, 80)}": write 0x and 20 bytes in hex`,
  );
}

function digestOf(text: string, what: string): Digest {
  if (/^0x[0-9a-f]{64}$/i.test(text)) return text.toLowerCase() as Digest;
  throw new OrreryError("invalid_argument", `Cannot use ${what} "${text.slice(0, 80)}": write 0x and 32 bytes in hex`);
}
