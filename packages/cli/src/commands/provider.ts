import { COMMON_FLAGS, type CommandData, type FlagData } from "../command.ts";
import { PASSWORD_FLAG } from "../login/password-flag.ts";
import { MARKET_FLAG } from "./market-flags.ts";

const NO_WORDS = { usage: "", summary: "", min: 0, max: 0 } as const;

const FILE_FLAG: FlagData = {
  name: "file",
  kind: "value",
  placeholder: "FILE",
  default: "provider.yaml",
  summary: "File of the provider",
};

/** Which provider that runs is asked. */
const OPERATOR_FLAGS: readonly FlagData[] = [
  FILE_FLAG,
  {
    name: "provider",
    kind: "value",
    placeholder: "NAME",
    summary: "One of the bench of this folder, in place of a file: such as provider-1",
  },
  MARKET_FLAG,
];

/** Commands of whoever sells capacity. */
export const PROVIDER_COMMANDS: readonly CommandData[] = [
  {
    name: "provider init",
    summary: "Write the file of a provider, and make its wallet",
    description:
      "The file says what this machine sells, for how much and on which terms, each line with what it means; the wallet is a keystore beside it, closed with a password. What is there is never written over. Which chain and contracts it is, the file of the market that you sell in says, or flags do.",
    words: NO_WORDS,
    flags: [
      { name: "chain", kind: "value", placeholder: "URL", summary: "JSON-RPC of a node of the chain" },
      { name: "chain-id", kind: "value", placeholder: "N", summary: "Of the chain; 31337 where no market says it" },
      { name: "leases", kind: "value", placeholder: "ADDRESS", summary: "Contract of leases" },
      { name: "token", kind: "value", placeholder: "ADDRESS", summary: "Contract of the token" },
      { name: "registry", kind: "value", placeholder: "ADDRESS", summary: "Contract in which providers are found" },
      {
        name: "decimals",
        kind: "value",
        placeholder: "N",
        summary: "Digits of the token behind the point; 6 where no market says which token it is",
      },
      {
        name: "free-host",
        kind: "values",
        placeholder: "DOMAIN",
        summary: "Domain of yours below which hosts are for whoever comes first; test on a bench",
      },
      {
        name: "address",
        kind: "value",
        placeholder: "HOST",
        default: "127.0.0.1",
        summary: "By what others reach this machine",
      },
      MARKET_FLAG,
      FILE_FLAG,
      PASSWORD_FLAG,
      ...COMMON_FLAGS,
    ],
    examples: [
      { words: "provider init", does: "in the folder of a bench, or with ORRERY_MARKET" },
      {
        words: "provider init --chain=http://127.0.0.1:8545 --leases=0x… --token=0x… --registry=0x…",
        does: "asks for a password",
      },
    ],
    load: () => import("../market/provider/run-provider-init.ts"),
  },
  {
    name: "provider up",
    summary: "Sell what this machine has, until somebody ends it",
    description:
      "Serves publishers, runs their pods, and looks after the money of each lease. Pods that ran before run again. The link that it prints leads its operator to the admin page, on this machine alone. Ctrl-C ends it: pods end with it, and are found again.",
    words: NO_WORDS,
    flags: [FILE_FLAG, PASSWORD_FLAG, ...COMMON_FLAGS],
    examples: [
      { words: "provider up", does: "asks for the password of its wallet" },
      { words: "provider up --password-file=secret --output=json", does: "in a script" },
    ],
    load: () => import("../market/provider/run-provider-up.ts"),
  },
  {
    name: "provider status",
    summary: "Show what a provider has, earns and has at stake",
    description: "Asks the provider that runs by this file.",
    words: NO_WORDS,
    flags: [...OPERATOR_FLAGS, ...COMMON_FLAGS],
    examples: [{ words: "provider status --output=json", does: "all of it, for programs" }],
    load: () => import("../market/provider/run-provider-status.ts"),
  },
  {
    name: "provider inspect",
    summary: "Show the pods of a provider, as its operator may see them",
    description:
      "Of each pod its name, publisher, lease, state and money. Secrets, variables, volumes and logs are its publisher's alone, and are not shown.",
    words: NO_WORDS,
    flags: [...OPERATOR_FLAGS, ...COMMON_FLAGS],
    examples: [{ words: "provider inspect", does: "all pods" }],
    load: () => import("../market/provider/run-provider-inspect.ts"),
  },
  {
    name: "provider pause",
    summary: "Take no new pods; what runs goes on",
    description: "Until orrery provider resume: a restart changes nothing of it.",
    words: NO_WORDS,
    flags: [...OPERATOR_FLAGS, ...COMMON_FLAGS],
    examples: [{ words: "provider pause", does: "as long as it runs" }],
    load: () => import("../market/provider/run-provider-pause.ts"),
  },
  {
    name: "provider resume",
    summary: "Take new pods again",
    description:
      "What orrery provider pause or drain stopped. Notice that was given cannot be taken back: those leases end by it.",
    words: NO_WORDS,
    flags: [...OPERATOR_FLAGS, ...COMMON_FLAGS],
    examples: [{ words: "provider resume", does: "from now on" }],
    load: () => import("../market/provider/run-provider-resume.ts"),
  },
  {
    name: "provider drain",
    summary: "Take no new pods, give notice for all leases, and wait until none runs",
    description:
      "Notice is given on the chain, and pods run on until their service ends, by the terms that they were leased on; their publishers see it in orrery pod status and pod events. What cannot be given now is given later, over restarts too. Typed again, it goes on waiting. Ctrl-C ends the waiting, not the draining: orrery provider resume does.",
    words: NO_WORDS,
    flags: [
      { name: "no-wait", kind: "switch", summary: "Give notice, and wait for nothing" },
      ...OPERATOR_FLAGS,
      ...COMMON_FLAGS,
    ],
    examples: [
      { words: "provider drain", does: "until no pod runs" },
      { words: "provider drain --no-wait", does: "the notice alone" },
    ],
    load: () => import("../market/provider/run-provider-drain.ts"),
  },
  {
    name: "provider stake",
    summary: "Show what a provider has at stake and earned, or put more at stake",
    description:
      "A lease opens only where so much of the stake is free as its terms have at stake. With an amount it approves, deposits and stakes; what an earlier try did is not done again where the contract has enough. What leases paid is used before the wallet. A provider that runs does it itself; else the wallet is opened by its password.",
    words: { usage: "[TOKENS]", summary: "Such as 100 or 12.5; nothing to look alone", min: 0, max: 1 },
    flags: [...OPERATOR_FLAGS, PASSWORD_FLAG, ...COMMON_FLAGS],
    examples: [
      { words: "provider stake", does: "what there is, without a password" },
      { words: "provider stake 100", does: "beside what is at stake" },
    ],
    load: () => import("../market/provider/run-provider-stake.ts").then(({ handlers }) => ({ run: handlers.stake })),
  },
  {
    name: "provider unstake",
    summary: "Ask for some of a provider's stake back",
    description:
      "What is free leaves the stake 8 days later, with all that is leaving already, which waits anew; then orrery provider withdraw brings it to the wallet. What is locked for leases stays until they are settled: orrery provider drain ends them. A provider that runs does it itself; else the wallet is opened by its password.",
    words: { usage: "TOKENS | all", summary: "Such as 12.5; all for whatever is free", min: 1, max: 1 },
    flags: [...OPERATOR_FLAGS, PASSWORD_FLAG, ...COMMON_FLAGS],
    examples: [
      { words: "provider unstake 12.5", does: "asks for a part" },
      { words: "provider unstake all", does: "asks for all that is free" },
    ],
    load: () => import("../market/provider/run-provider-stake.ts").then(({ handlers }) => ({ run: handlers.unstake })),
  },
  {
    name: "provider withdraw",
    summary: "Bring what a provider earned, and stake that has left, to its wallet",
    description:
      "Stake that is leaving still stays, as does what is at stake. A provider that runs does it itself; else the wallet is opened by its password.",
    words: NO_WORDS,
    flags: [...OPERATOR_FLAGS, PASSWORD_FLAG, ...COMMON_FLAGS],
    examples: [{ words: "provider withdraw", does: "all that can be withdrawn" }],
    load: () => import("../market/provider/run-provider-stake.ts").then(({ handlers }) => ({ run: handlers.withdraw })),
  },
  {
    name: "provider addon",
    summary: "List, add and take away programs that run beside the provider",
    description:
      "An add-on is a folder with a program and an addon.yaml, which says what it may: read-capacity, read-prices, sign-offers, internet. It runs in a cage, away from pods and from what listens on this machine, and asks the provider by a socket of its own; what it does not declare is refused, and is in the audit. One of the same name is replaced.",
    words: { usage: "[ls | add FOLDER | rm NAME]", summary: "Default: ls", min: 0, max: 2 },
    flags: [FILE_FLAG, ...COMMON_FLAGS],
    examples: [
      { words: "provider addon add ./market-agent", does: "runs it from now on, and at each start" },
      { words: "provider addon ls", does: "all of them, and what they may do" },
    ],
    load: () => import("../market/provider/run-provider-addon.ts"),
  },
];
