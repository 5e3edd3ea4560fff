import { amountsJson, printAmount, UNBONDING_S } from "@orrery/market";
import type { CommandInput, Handler } from "../../command.ts";
import { CommandError, EXIT, type ExitCode, typed, usageError } from "../../command-error.ts";
import { table } from "../../table.ts";
import type { Terminal } from "../../terminal.ts";
import { typedAmount } from "../amounts.ts";
import { timeText } from "../lease-words.ts";
import { moneyRows, openPurse, type ProviderMoney, type ProviderPurse } from "./provider-money.ts";

/** What does commands about the money of a provider. */
export const handlers = {
  /** Shows it, or puts more at stake. */
  stake: about(async (purse, context) => {
    const [said] = context.input.words;
    if (said === undefined) return void (await tell(purse, context));
    const amount = amountOf(said, purse);
    const { wallet, contract } = await purse.look();
    const has = printAmount(wallet + contract, purse.token);
    if (wallet + contract < amount)
      throw new CommandError(`Cannot stake ${printAmount(amount, purse.token)}: wallet and contract have ${has}`, {
        exit: EXIT.refused,
        tip: "orrery provider stake",
      });
    context.terminal.progress("Approving, putting in, and staking");
    await typed(() => purse.move({ kind: "stake", amount }));
    await tell(purse, context);
    context.terminal.say(`${printAmount(amount, purse.token)} more at stake`);
  }),
  /** Asks for some of it back. */
  unstake: about(async (purse, context) => {
    const [said = ""] = context.input.words;
    const { free, locked, leaving, leavesAt, now } = await purse.look();
    const amount = said === "all" ? free : amountOf(said, purse);
    const print = (units: bigint) => printAmount(units, purse.token);
    if (amount > free || amount === 0n)
      throw new CommandError(
        `Cannot take back ${print(amount)} of the stake: ${print(free)} are free, ${print(locked)} are locked for leases until they are settled`,
        { exit: EXIT.refused, ...(locked > 0n && { tip: "orrery provider drain" }) },
      );
    context.terminal.progress("Asking for it");
    await typed(() => purse.move({ kind: "unstake", amount }));
    const after = await tell(purse, context);
    context.terminal.say(
      `${print(amount)} leave the stake at ${timeText(after.leavesAt * 1_000)}, ${UNBONDING_S / 86_400} days from now. Then: orrery provider withdraw`,
    );
    if (leaving > 0n && now < leavesAt)
      context.terminal.say(`${print(leaving)} that were to leave at ${timeText(leavesAt * 1_000)} leave with them`);
  }),
  /** Brings what can be withdrawn to the wallet. */
  withdraw: about(async (purse, context) => {
    const { contract, leaving, leavesAt, now } = await purse.look();
    const print = (units: bigint) => printAmount(units, purse.token);
    if (contract === 0n && (leaving === 0n || now < leavesAt))
      throw new CommandError(
        leaving === 0n
          ? "Cannot withdraw: the contract has nothing of this account but what is at stake"
          : `Cannot withdraw: ${print(leaving)} leave the stake at ${timeText(leavesAt * 1_000)}`,
        { exit: EXIT.refused, tip: leaving === 0n ? "orrery provider unstake" : "orrery provider stake" },
      );
    context.terminal.progress("Withdrawing");
    const amount = await typed(() => purse.move({ kind: "withdraw" }));
    await tell(purse, context);
    context.terminal.say(`${print(amount)} came to the wallet`);
  }),
} as const satisfies Readonly<Record<string, Handler>>;

interface PurseContext {
  readonly input: CommandInput;
  readonly terminal: Terminal;
}

function about(work: (purse: ProviderPurse, context: PurseContext) => Promise<unknown>): Handler {
  return async (input, terminal): Promise<ExitCode> => {
    try {
      await work(await openPurse(input, terminal), { input, terminal });
    } finally {
      terminal.progress("");
    }
    return EXIT.done;
  };
}

async function tell(purse: ProviderPurse, { input, terminal }: PurseContext): Promise<ProviderMoney> {
  const money = await purse.look();
  terminal.progress("");
  if (input.text("output") === "json") await terminal.write(`${amountsJson({ ...money, token: purse.token })}\n`);
  else await terminal.write(`${table(moneyRows(money, purse.token)).join("\n")}\n`);
  return money;
}

/** @throws CommandError for what is no amount, or 0 */
function amountOf(said: string, { token }: ProviderPurse): bigint {
  const amount = typedAmount(said, token);
  if (amount > 0n) return amount;
  throw usageError(`Cannot take ${said} ${token.symbol}: write more than 0`);
}
