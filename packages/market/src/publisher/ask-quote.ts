import type { Clock } from "@orrery/core";
import type { AttestPolicy, Evidence } from "../attest/evidence.ts";
import { type SignatureChecks, type Verdict, verifyEvidence } from "../attest/verify-evidence.ts";
import type { Account, Digest } from "../lease/terms.ts";
import type { LeaseDomain } from "../lease/typed-data.ts";
import type { SealedPod } from "../pod/pod.ts";
import { reservedBy, usedAtMostBy } from "../pod/pod-amounts.ts";
import { writeSealedPod } from "../pod/sealed-pod-json.ts";
import type { Quote } from "../quote/quote.ts";
import { readQuote } from "../quote/quote-json.ts";
import { type QuoteCheck, verifyQuote } from "../quote/verify-quote.ts";
import { ANSWER_TIMEOUT_MS } from "./limits.ts";
import type { ProviderDoor } from "./system-provider-door.ts";

/** A price for a pod that was looked at, and where it would run. */
export interface AskedQuote {
  readonly quote: Quote;
  /** JSON as the provider signed it. */
  readonly text: string;
  readonly checks: readonly QuoteCheck[];
  readonly evidence: Evidence;
  /** JSON as the provider gave it. */
  readonly evidenceText: string;
  readonly verdict: Verdict;
  /** Free stake of the provider in base units; undefined while it does not know the chain. */
  readonly stake: bigint | undefined;
  /** Why it is not to be taken; empty where it may be. */
  readonly faults: readonly string[];
}

/** What is asked, and what is known of it. */
export interface AskQuoteOptions {
  readonly sealed: SealedPod;
  readonly nonce: string;
  readonly publisher: Account;
  readonly policy: AttestPolicy;
  /** Digest of the policy. */
  readonly policyDigest: Digest;
  readonly domain: LeaseDomain;
  readonly clock: Pick<Clock, "now">;
  readonly signatures: SignatureChecks;
}

/** Asks a provider for a price and for evidence, and looks at both: everything that is wrong is told. It moves no money. */
export async function askQuote(door: ProviderDoor, options: AskQuoteOptions): Promise<AskedQuote> {
  const { sealed, nonce, publisher, policy, policyDigest, domain, clock, signatures } = options;
  const said = await door.calls.quote(
    { pod: writeSealedPod(sealed), publisher, policy: policyDigest, nonce },
    { timeoutMs: ANSWER_TIMEOUT_MS },
  );
  const quote = readQuote(said.quote);
  const nowS = Math.floor(clock.now() / 1_000);
  const reserved = reservedBy(sealed.pod);
  const usedAtMost = usedAtMostBy(sealed.pod);
  const manifest = sealed.digest;
  const checks = await verifyQuote(quote, {
    ...{ publisher, manifest, policy: policyDigest, reserved, usedAtMost, domain, nowS },
  });
  const evidence = JSON.parse(said.evidence) as Evidence;
  const expected = { nonce, manifest, images: Object.values(sealed.images) };
  const verdict = verifyEvidence(evidence, { policy, expected, nowS, signatures });
  const isOther = quote.terms.provider.toLowerCase() !== door.account;
  return {
    ...{ quote, text: said.quote, checks, evidence, evidenceText: said.evidence, verdict },
    stake: said.stake === "" ? undefined : BigInt(said.stake),
    faults: [
      ...(isOther ? [`quote: it is of ${quote.terms.provider}, and ${door.account} was asked`] : []),
      ...faultsOf("quote", checks),
      ...faultsOf("evidence", verdict.checks),
    ],
  };
}

function faultsOf(
  what: string,
  checks: readonly { readonly name: string; readonly fault?: string }[],
): readonly string[] {
  return checks.flatMap(({ name, fault }) => (fault === undefined ? [] : [`${what}: ${name}: ${fault}`]));
}
