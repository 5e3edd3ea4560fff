import { OrreryError } from "@orrery/core";
import type { Account } from "../lease/terms.ts";
import { accountOfAgent } from "./wallet-door.ts";

/** The account of whoever asks. @throws OrreryError `unauthenticated` where that is no wallet */
export function assertWallet(agent: string, doing: string): Account {
  const account = accountOfAgent(agent);
  if (account !== undefined) return account;
  throw new OrreryError("unauthenticated", `Cannot ${doing} as "${agent}": only wallets may, show one`);
}
