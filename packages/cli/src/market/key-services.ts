import { createSystemClock, createSystemRandom } from "@orrery/core";
import { createHttpClient } from "@orrery/http";
import { type Account, createWalletAuthorization, type KeyCalls, KeyService, openKeystore } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { readPassword } from "../login/read-password.ts";
import type { Terminal } from "../terminal.ts";
import { findWallet, onlyWallet } from "./wallets.ts";

/** Calls of key services, as a wallet. */
export interface KeyServices extends Disposable {
  /** Of the service at a URL. */
  open(url: string): Promise<KeyCalls>;
}

/** Opens the wallet that is named, and calls services as it. */
export async function openKeyServices(input: CommandInput, terminal: Terminal): Promise<KeyServices> {
  const said = input.text("wallet") ?? terminal.env["ORRERY_WALLET"];
  const { file, name } = said === undefined ? onlyWallet(terminal) : findWallet(said, terminal);
  const password = await readPassword(terminal, { input, flag: "password-file", prompt: `Password of wallet ${name}` });
  const key = await openKeystore(file, { password });
  const clients: Disposable[] = [];
  const connect = (url: string, audience?: Account) => {
    const by = { clock: createSystemClock(), random: createSystemRandom() };
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
