import { type AskedQuote, type PreparedPod, perHourOf, RESERVED, type Resource, UNITS, USED } from "@orrery/market";
import { table } from "../table.ts";
import { printAmount, printBillionths, type Token } from "./amounts.ts";
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
export function quoteText(asked: AskedQuote, { token, url }: { readonly token: Token; readonly url: string }): string {
  const { quote, evidence, verdict, stake, faults } = asked;
  const { terms, prices, reserved, usedAtMost } = quote;
  const hour = perHourOf(terms);
  const price = (name: Resource, amount: bigint | undefined, unit: string) => [
    name,
    `${amount} (${UNITS[name]})`,
    `${printBillionths(prices[name] ?? 0n, token)} a unit${unit}`,
  ];
  const rows = [
    ...RESERVED.filter((name) => (reserved[name] ?? 0n) > 0n).map((name) => price(name, reserved[name], " and second")),
    ...USED.filter((name) => (usedAtMost[name] ?? 0n) > 0n).map((name) =>
      price(name, usedAtMost[name], ", at most in an hour"),
    ),
  ];
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
  const { pod } = sealed;
  const hosts = pod.containers.flatMap(({ ports }) =>
    ports.flatMap((port) => (port.protocol === "http" ? [port.host] : [])),
  );
  const env = pod.containers.flatMap((one) => Object.keys(one.env).map((name) => `${one.name}.${name}`));
  return [
    `everybody learns: hosts ${hosts.join(", ") || "(none)"}, the lease with its deposit and rate on the chain, digest ${sealed.digest}`,
    `the provider learns: the pod file with images by digest${env.length === 0 ? "" : `, and variables ${env.join(", ")}`}`,
    `the pod alone learns: ${pod.secrets.map(({ name }) => `secret ${name}`).join(", ") || "no secrets"}, and what images hold`,
  ];
}
