import {
  type AskedQuote,
  type PreparedPod,
  perHourOf,
  printAmount,
  printBillionths,
  quoteLines,
  type TokenFacts,
  whoLearns,
} from "@orrery/market";
import { table } from "../table.ts";
import { timeText } from "./lease-words.ts";

/** A quote for programs: base units, and billionths of them where it says so. */
export function quoteFacts({ quote, evidence, checks, verdict, stake, faults }: AskedQuote, nowS: number) {
  const { terms, prices, reserved, usedAtMost } = quote;
  const hour = perHourOf(terms);
  return {
    provider: terms.provider,
    good: faults.length === 0,
    faults,
    perHour: { reservedBillionths: hour.reserved, atMostBillionths: hour.atMost },
    prices,
    reserved,
    usedAtMost,
    expires: terms.expires,
    goodForS: terms.expires - nowS,
    bond: terms.bond,
    stake,
    checks: { quote: checks, evidence: verdict.checks },
    warnings: verdict.warnings,
    evidence,
    terms,
    quote,
  };
}

/** A quote for people. */
export function quoteText(
  asked: AskedQuote,
  { token, url }: { readonly token: TokenFacts; readonly url: string },
): string {
  const { quote, evidence, verdict, stake, faults } = asked;
  const { terms } = quote;
  const hour = perHourOf(terms);
  const rows = quoteLines(quote).map(({ resource, amount, unit, price, isHeld }) => [
    ...[resource, `${amount} (${unit})`],
    `${printBillionths(price, token)} a unit${isHeld ? " and second" : ", at most in an hour"}`,
  ]);
  return [
    `${url} (${terms.provider}) asks`,
    ...table(rows, 2),
    ...table(
      [
        [
          "an hour",
          `${printBillionths(hour.reserved, token)}; with all that may be used ${printBillionths(hour.atMost, token)}`,
        ],
        ["good until", timeText(terms.expires * 1_000)],
        [
          "at stake",
          `${printAmount(terms.bond, token)} for this lease, of ${stake === undefined ? "an unknown stake" : printAmount(stake, token)} that is free`,
        ],
        [
          "evidence",
          `kind ${evidence.kind}, session ${evidence.claims.session}, ${evidence.measurements.length} measurements`,
        ],
      ],
      2,
    ),
    ...verdict.warnings.map((warning) => `  (${warning})`),
    faults.length === 0
      ? "PASS: quote and evidence are good"
      : `FAIL\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
  ].join("\n");
}

/** What of a pod whoever runs it learns, and others. */
export function publicText({ sealed }: PreparedPod): readonly string[] {
  const { everybody, provider, pod } = whoLearns(sealed);
  return [`everybody learns: ${everybody}`, `the provider learns: ${provider}`, `the pod alone learns: ${pod}`];
}
