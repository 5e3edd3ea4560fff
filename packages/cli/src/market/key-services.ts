import { createSystemRandom } from "@orrery/core";
import { createHttpClient } from "@orrery/http";
import { type Account, createWalletAuthorization, type KeyCalls, KeyService } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import type { Terminal } from "../terminal.ts";
import { clockOf } from "./market-clock.ts";
import { findMarketIfAny } from "./market-file.ts";
import { openWallet } from "./open-wallet.ts";

/** Calls of key services, as a wallet. */
export interface KeyServices extends Disposable {
  /** Of the service at a URL. */
  open(url: string): Promise<KeyCalls>;
}

/** Opens the wallet that is named, or that of the market, and calls services as it. */
export async function openKeyServices(input: CommandInput, terminal: Terminal): Promise<KeyServices> {
  const market = findMarketIfAny(input, terminal);
  const key = await openWallet(market, input, terminal);
  const by = { clock: await clockOf(market), random: createSystemRandom() };
  const clients: Disposable[] = [];
  const connect = (url: string, audience?: Account) => {
    const authorization = audience && createWalletAuthorization(key, { ...by, audience });
    const client = createHttpClient({ url, ...(authorization !== undefined && { authorization }) });
    clients.push({ [Symbol.dispose]: () => client.close() });
    return client.client(KeyService);
  };
  return {
    open: async (url) => {
      const { account } = await connect(url).describe({});
      return connect(url, account as Account);
    },
    [Symbol.dispose]: () => {
      for (const client of clients) client[Symbol.dispose]();
    },
  };
}
