import { OrreryError } from "@orrery/core";
import { least, most } from "../lease/dues.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import { type Head, totalOf, verify } from "../meter/ledger.ts";
import { parseEntry } from "../meter/ledger-lines.ts";
import { readQuote } from "../quote/quote-json.ts";
import type { LeaseRecord } from "./lease-record.ts";
import { ANSWER_TIMEOUT_MS, LEDGER_PAGES_MAX } from "./limits.ts";
import type { ProviderDoor } from "./system-provider-door.ts";

/**
 * Reads what a provider metered since it was read last, line by line, by the prices of the quote.
 * @returns the head behind it
 * @throws OrreryError `data_loss` where it is not one chain of lines
 */
export async function readLedgerHead(record: LeaseRecord, door: Pick<ProviderDoor, "calls">): Promise<Head> {
  const { prices } = readQuote(record.quote);
  let head = record.head;
  for (let page = 0; page < LEDGER_PAGES_MAX; page++) {
    const asked = { lease: record.lease, after: BigInt(head.number) };
    const { lines, more } = await door.calls.readLedger(asked, { timeoutMs: ANSWER_TIMEOUT_MS });
    const entries = lines.map((line, at) => parseEntry(line, head.number + 1 + at));
    head = verify(head, entries, prices);
    if (!more || lines.length === 0) return head;
  }
  throw new OrreryError("out_of_range", `Cannot read the ledger of lease ${record.lease}: it has too many lines`);
}

/** What a lease comes to, in base units. */
export interface LeaseMoney {
  readonly deposit: bigint;
  /** What the provider has by now. */
  readonly paid: bigint;
  /** What the ledger comes to beyond that, and the deposit has: what the provider can ask for. */
  readonly claimable: bigint;
  /** What neither is. */
  readonly remaining: bigint;
}

/** What a lease comes to by the chain and the ledger. Of one that is over nothing remains. */
export function moneyOf(
  { stage, deposit, paid }: Pick<LeaseState, "stage" | "deposit" | "paid">,
  head: Head,
): LeaseMoney {
  if (stage === "None" || stage === "Settled") return { deposit, paid, claimable: 0n, remaining: 0n };
  const owed = least(deposit, most(totalOf(head), paid));
  return { deposit, paid, claimable: owed - paid, remaining: deposit - owed };
}
