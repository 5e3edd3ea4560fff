import type { Exchange } from "../exchange.ts";
import type { Log } from "../log.ts";
import { messageOf } from "../thrown-text.ts";
import type { CarrierPlan } from "./carrier-plan.ts";

/** What opening needs. */
export interface OpenAddressesOptions {
  readonly exchange: Exchange;
  readonly log: Log;
  readonly plan: CarrierPlan | undefined;
}

/**
 * Opens an address, and those that the plan has beside it; gives them back in this order, with what the system chose. What is beside it is
 * opened first where that can be: whoever waits for the address then finds it.
 */
export async function openAddresses(address: string, options: OpenAddressesOptions): Promise<readonly string[]> {
  const { exchange, plan } = options;
  const beside = await openBeside(plan?.beside(address) ?? [], options);
  const opened = await exchange.listen(address);
  const late = opened === address ? [] : await openBeside(plan?.beside(opened) ?? [], options);
  return [opened, ...beside, ...late];
}

/** What cannot be opened is left out: the address that it stands beside leads to the node, too. */
async function openBeside(
  addresses: readonly string[],
  { exchange, log }: OpenAddressesOptions,
): Promise<readonly string[]> {
  const opened: string[] = [];
  for (const address of addresses) {
    try {
      opened.push(await exchange.listen(address));
    } catch (error) {
      log.warn(`Cannot open "${address}" beside another: ${messageOf(error)}`);
    }
  }
  return opened;
}
