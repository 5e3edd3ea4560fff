import { amountsJson, type Overview, printMoney } from "@orrery/market";
import { table } from "../../table.ts";

/** What a provider has, for people. */
export function statusText(overview: Overview): string {
  const { account, runtime, evidence, gateway, closed, capacity, pods, stake, earnings, token, alerts } = overview;
  const money = (units: bigint) => `${printMoney(units, token.decimals)} ${token.symbol}`;
  const running = pods.filter(({ state }) => isRunning(state)).length;
  const lines = [
    `Provider ${account}: ${closed === "" ? "takes pods" : `takes no new pods: ${closed}`}`,
    ...table(
      [
        ["pods", `${running} run, of ${pods.length}`],
        ["earned", `${money(earnings.paid)}, and ${money(earnings.owed)} to come`],
        [
          "stake",
          stake === undefined
            ? "the chain is not known now"
            : `${money(stake.free)} free, ${money(stake.locked)} held for leases${stake.unbonding === 0n ? "" : `, ${money(stake.unbonding)} leaving`}`,
        ],
        ["gateway", gateway],
        ["runs in", `${runtime}, evidence ${evidence}`],
      ],
      2,
    ),
    ...table(
      [
        ["CAPACITY", "FREE", "OF", "UNIT"],
        ...capacity
          .filter(({ total }) => total > 0n)
          .map(({ resource, free, total, unit }) => [resource, String(free), String(total), unit]),
      ],
      2,
    ),
    ...alerts.slice(0, 5).map(({ text }) => `  ! ${text}`),
    ...(stake !== undefined && stake.free === 0n
      ? ["  No stake is free: a lease opens only where some is. Try: orrery provider stake TOKENS"]
      : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** Pods as their operator sees them. */
export function podsText({ pods, token }: Overview): string {
  const rows = pods.map(({ name, lease, publisher, state, why, stage, copies, owed, paid }) => [
    ...[name, `${lease.slice(0, 10)}…`, `${publisher.slice(0, 10)}…`, state, stage, String(copies)],
    ...[printMoney(paid, token.decimals), printMoney(owed, token.decimals), why],
  ]);
  const head = ["POD", "LEASE", "PUBLISHER", "STATE", "ON CHAIN", "COPIES", "PAID", "OWED", "WHY"];
  return `${table([head, ...rows]).join("\n")}\n`;
}

/** The same for programs: amounts of money are texts. */
export function overviewJson(overview: Overview): string {
  return `${amountsJson(overview)}\n`;
}

/** Whether processes of a pod run. */
export function isRunning(state: string): boolean {
  return state === "running" || state === "warned" || state === "deploying";
}
