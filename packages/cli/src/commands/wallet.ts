import { COMMON_FLAGS, type CommandData } from "../command.ts";
import { PASSWORD_FLAG } from "../login/password-flag.ts";

/** Commands about wallets: keys of accounts on a chain, by which capacity is paid. */
export const WALLET_COMMANDS: readonly CommandData[] = [
  {
    name: "wallet new",
    summary: "Make a wallet",
    description:
      "Draws the key of a new account and keeps it in a file that only you may read, closed with a password, in the format of other wallets (Web3 Secret Storage). A wallet that is there is never written over.",
    words: { usage: "NAME", summary: "Of small letters, digits and -", min: 1, max: 1 },
    flags: [PASSWORD_FLAG, ...COMMON_FLAGS],
    examples: [
      { words: "wallet new ann", does: "asks for a password" },
      { words: "wallet new ann --password-file=secret", does: "in a script" },
    ],
    load: () => import("../market/run-wallet-new.ts"),
  },
  {
    name: "wallet ls",
    aliases: ["wallet list"],
    summary: "List your wallets",
    description: "Names, accounts and files. No password is asked for, for nothing is opened.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [...COMMON_FLAGS],
    examples: [{ words: "wallet ls", does: "all of them" }],
    load: () => import("../market/run-wallet-ls.ts"),
  },
  {
    name: "wallet show",
    summary: "Show the account of a wallet, to which others send",
    description: "What it prints may be seen by everybody. The key is never printed.",
    words: { usage: "NAME", summary: "Of the wallet", min: 1, max: 1 },
    flags: [...COMMON_FLAGS],
    examples: [{ words: "wallet show ann", does: "its account and file" }],
    load: () => import("../market/run-wallet-show.ts"),
  },
];
