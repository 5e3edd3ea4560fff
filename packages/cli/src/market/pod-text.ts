import { type PodStatus, printAmount, printBillionths, type TokenFacts } from "@orrery/market";
import { table } from "../table.ts";
import { timeText } from "./lease-words.ts";

/** How a pod stands, for people. */
export function statusText(pod: PodStatus, { token }: { readonly token: TokenFacts }): string {
  const { name, state, why, healthy, lease, leaseStage, hourly, total, fundsUntil, endsAt } = pod;
  const { addresses, images, replicas } = pod;
  const rows = [
    ["lease", `${lease}${leaseStage === "" ? "" : `, ${leaseStage}`}`],
    [
      "costs",
      `${printBillionths(BigInt(hourly || "0"), token)} an hour, ${printAmount(BigInt(total || "0"), token)} so far`,
    ],
    ...(fundsUntil === 0n || leaseStage === "Settled"
      ? []
      : [["funds last", `until ${timeText(Number(fundsUntil) * 1_000)}`]]),
    ...(endsAt === 0n ? [] : [["service ends", timeText(Number(endsAt) * 1_000)]]),
    ...addresses.map(({ container, port, protocol, address }) => [`${container} ${protocol} ${port}`, address]),
    ...Object.entries(images).map(([container, digest]) => [`${container} image`, digest]),
    ...replicas.map((one) => [
      `${one.container} ${one.number}`,
      `${one.state}${one.restarts === 0 ? "" : `, ${one.restarts} restarts`}${one.lastEnd === "" ? "" : `, last ended by ${one.lastEnd}`}`,
    ]),
  ];
  const heading = `${name} is ${state}${why === "" ? "" : ` (${why})`}, ${healthy ? "healthy" : "not healthy"}`;
  return [heading, ...table(rows, 2)].join("\n");
}

/** The same for programs: amounts as text, times in seconds since 1970. */
export function statusFacts(pod: PodStatus): object {
  const { $typeName: _, addresses, replicas, ...rest } = pod;
  return {
    ...rest,
    fundsUntil: Number(pod.fundsUntil),
    endsAt: Number(pod.endsAt),
    addresses: addresses.map(({ $typeName: _type, ...one }) => one),
    replicas: replicas.map(({ $typeName: _type, startedAt, ...one }) => ({ ...one, startedAt: Number(startedAt) })),
  };
}
