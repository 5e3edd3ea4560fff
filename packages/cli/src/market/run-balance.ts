import { printAmount, readTokenBalance } from "@orrery/market";
import { table } from "../table.ts";
import { marketCommand } from "./open-market.ts";
import { leaseFacts } from "./run-lease.ts";

/** Shows what a wallet has, and what its leases come to. */
export const run = marketCommand(async (context) => {
  const { publisher, node, market, token } = context;
  const { account } = publisher;
  const leases = await publisher.look();
  const wallet = await readTokenBalance(node, { token: market.chain.contracts.token, account });
  const held = await publisher.held();
  const rows = leases.map(({ record, state, money }) => [
    ...[record.pod, record.lease.slice(0, 10), state.stage],
    ...[money.deposit, money.paid, money.claimable, money.remaining].map((amount) => printAmount(amount, token)),
  ]);
  const remaining = leases.reduce((sum, { money }) => sum + money.remaining, 0n);
  const text = [
    ...table([
      ["wallet", printAmount(wallet, token), account],
      ["contract", printAmount(held, token), "can be withdrawn, or used for leases"],
      ["leases", printAmount(remaining, token), "not used yet"],
    ]),
    ...(rows.length === 0
      ? []
      : ["", ...table([["POD", "LEASE", "STAGE", "DEPOSIT", "PAID", "CLAIMABLE", "REMAINING"], ...rows])]),
  ];
  await context.tell(text.join("\n"), {
    account,
    token,
    wallet,
    contract: held,
    remaining,
    leases: leases.map(leaseFacts),
  });
});
