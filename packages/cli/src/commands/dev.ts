import { COMMON_FLAGS, type CommandData, type FlagData } from "../command.ts";

const MARKET: FlagData = {
  name: "market",
  kind: "value",
  placeholder: "FILE",
  summary: "File that the bench wrote; that of this folder by default",
};
const NONE = { usage: "", summary: "", min: 0, max: 0 } as const;
const NAME = { usage: "NAME", summary: "Of the provider, such as provider-1", min: 1, max: 1 } as const;

/** Commands about a bench: a market on one machine, for trying. */
export const DEV_COMMANDS: readonly CommandData[] = [
  {
    name: "dev up",
    summary: "Run a whole market on this machine, for trying",
    description:
      "Starts an EVM chain with the contracts and a token of no worth, providers with stake and process runtimes, and a wallet with money, all in one process and one folder. Commands below this folder find it by themselves. What time it is stands still until orrery dev clock moves it, so that what is metered is exact; with --live it passes as on this machine, for providers that run beside the bench. Evidence of its providers is of kind none: it proves nothing. Ctrl-C ends all of it, and nothing is left.",
    words: NONE,
    flags: [
      { name: "providers", kind: "value", placeholder: "COUNT", default: "1", summary: "Providers to start" },
      { name: "no-registry", kind: "switch", summary: "Have no provider in the registry on the chain" },
      { name: "live", kind: "switch", summary: "Let time pass as on this machine, instead of moving it by hand" },
      {
        name: "folder",
        kind: "value",
        placeholder: "DIR",
        default: ".orrery/dev",
        summary: "Folder of all that it keeps",
      },
      { name: "detach", kind: "switch", summary: "Run on in the background; orrery dev down ends it" },
      ...COMMON_FLAGS,
    ],
    examples: [
      { words: "dev up", does: "one provider, until Ctrl-C" },
      { words: "dev up --providers=3 --detach", does: "three, in the background" },
      { words: "dev up --providers=0 --live", does: "a chain alone, for a provider of your own" },
    ],
    load: () => import("../market/bench/run-dev-up.ts"),
  },
  {
    name: "dev down",
    summary: "End the bench of this folder",
    description: "As Ctrl-C does where it runs: what it kept is gone.",
    words: NONE,
    flags: [MARKET, ...COMMON_FLAGS],
    examples: [{ words: "dev down", does: "ends it" }],
    load: () => import("../market/bench/run-dev.ts").then(({ handlers }) => ({ run: handlers.down })),
  },
  {
    name: "dev status",
    summary: "Show what runs on the bench",
    description: "What time it is there, and how each provider stands.",
    words: NONE,
    flags: [MARKET, ...COMMON_FLAGS],
    examples: [{ words: "dev status", does: "all of it" }],
    load: () => import("../market/bench/run-dev.ts").then(({ handlers }) => ({ run: handlers.status })),
  },
  {
    name: "dev clock",
    summary: "Show or move the clock of the bench",
    description:
      "Moves the time of the chain and of all providers together, in steps in which each does what is due: they meter, prove, claim and settle as they would in that time. The clock never goes back.",
    words: { usage: "[+TIME]", summary: "Seconds, or a time such as +90m; what time it is by default", min: 0, max: 1 },
    flags: [MARKET, ...COMMON_FLAGS],
    examples: [
      { words: "dev clock +3600", does: "an hour passes" },
      { words: "dev clock +2d", does: "two days" },
      { words: "dev clock", does: "what time it is" },
    ],
    load: () => import("../market/bench/run-dev.ts").then(({ handlers }) => ({ run: handlers.clock })),
  },
  {
    name: "dev fund",
    summary: "Give a wallet tokens of the bench",
    description:
      "Makes them out of nothing, for they are of no worth, and gives the wallet what transactions cost. Whose it is: an address, the file of a keystore, or the name of a wallet of yours.",
    words: {
      usage: "WALLET [TOKENS]",
      summary: "Address, keystore or name of the wallet; and how many tokens, 1000 by default",
      min: 1,
      max: 2,
    },
    flags: [MARKET, ...COMMON_FLAGS],
    examples: [
      { words: "dev fund wallet.json", does: "a thousand, for the wallet of a provider" },
      { words: "dev fund alice 25", does: "25, for a wallet of orrery wallet ls" },
    ],
    load: () => import("../market/bench/run-dev-fund.ts"),
  },
  {
    name: "dev kill",
    summary: "Have a provider of the bench stop",
    description:
      "It ends its pods and itself, and keeps its records: orrery dev start brings it back with its pods. With --dark it falls silent without a word: what it ran is gone, and nobody is told.",
    words: NAME,
    flags: [{ name: "dark", kind: "switch", summary: "Without ending anything in order" }, MARKET, ...COMMON_FLAGS],
    examples: [{ words: "dev kill provider-1 --dark", does: "as if its machine were cut off" }],
    load: () => import("../market/bench/run-dev.ts").then(({ handlers }) => ({ run: handlers.kill })),
  },
  {
    name: "dev start",
    summary: "Start a provider of the bench again",
    description: "It goes on by its records, at the addresses that it had.",
    words: NAME,
    flags: [MARKET, ...COMMON_FLAGS],
    examples: [{ words: "dev start provider-1", does: "it is back" }],
    load: () => import("../market/bench/run-dev.ts").then(({ handlers }) => ({ run: handlers.start })),
  },
];
