import { createSystemClock } from "@orrery/core";
import {
  type ChainCall,
  createEvmLeaseChain,
  createEvmNode,
  type EvmNode,
  type LeaseChain,
  parseMoney,
  printMoney,
} from "@orrery/market";
import type { CommandInput } from "../../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { openProviderKey, readProviderFile } from "./provider-file.ts";

/** Puts tokens of a provider's wallet at stake. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const file = await readProviderFile(input, terminal);
  const { url, id, leases, token, registry, decimals } = file.config.chain;
  const amount = amountOf(input.words[0] ?? "", decimals);
  const key = await openProviderKey(file, input, terminal);
  const contracts = { leases, token, registry };
  const node = createEvmNode({ url });
  await tellOfGas(node, key.address, terminal);
  const chain = createEvmLeaseChain({
    node,
    clock: createSystemClock(),
    chainId: id,
    contracts,
    key,
  });
  const before = await accountOf(chain);
  const missing = amount > before.balance ? amount - before.balance : 0n;
  if (missing > 0n) {
    await sure(chain, { kind: "approve", amount: missing });
    await sure(chain, { kind: "deposit", account: chain.account, amount: missing });
  }
  await sure(chain, { kind: "stake", amount });
  const { stake } = await accountOf(chain);
  const free = printMoney(stake.free, decimals);
  if (input.text("output") === "json")
    await terminal.write(`${JSON.stringify({ account: chain.account, free: String(stake.free) })}\n`);
  terminal.say(`${printMoney(amount, decimals)} tokens are at stake, ${free} of all free. Next: orrery provider up`);
  return EXIT.done;
}

/** Says so where a wallet has nothing to pay for calls with: they would wait until it has. */
async function tellOfGas(node: EvmNode, account: string, terminal: Terminal): Promise<void> {
  const balance = await node.ask("eth_getBalance", [account, "latest"]).catch(() => undefined); // An unknown chain is told below.
  if (balance !== "0x0") return;
  terminal.say(
    `Wallet ${account} has none of the chain's own coin: calls wait until it has some for gas, 5 min at most`,
  );
}

function amountOf(text: string, decimals: number): bigint {
  try {
    if (/^\d{1,12}(\.\d{1,18})?$/.test(text) && Number(text) > 0) return parseMoney(text, decimals);
  } catch (cause) {
    throw usageError(`Cannot stake ${(cause as Error).message}`);
  }
  throw usageError(`Cannot stake "${text}": write tokens, such as 100 or 12.5`);
}

async function accountOf(chain: LeaseChain) {
  const reading = await chain.read({ accounts: [chain.account] }, "latest");
  const found = reading.kind === "known" ? reading.state.accounts[0] : undefined;
  if (found !== undefined) return found;
  const why = reading.kind === "unknown" ? reading.why : "it did not answer";
  throw new CommandError(`Cannot stake: the chain is not known (${why})`, { exit: EXIT.notFound });
}

async function sure(chain: LeaseChain, call: ChainCall): Promise<void> {
  const sent = await chain.send(call);
  if (sent.kind === "mined") return;
  throw new CommandError(sent.message, { exit: sent.kind === "refused" ? EXIT.refused : EXIT.failed });
}
