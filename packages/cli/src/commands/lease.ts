import type { CommandData, FlagData, WordsData } from "../command.ts";
import { AT_FLAG, MARKET_FLAGS, PROVIDER_FLAG } from "./market-flags.ts";

const LEASE: WordsData = { usage: "LEASE", summary: "Its name or the beginning of it, or the pod's", min: 1, max: 1 };
const KEEP: FlagData = {
  name: "keep",
  kind: "switch",
  summary: "Leave what comes back in the contract, for another lease",
};
const load = (name: "ls" | "show" | "fund" | "challenge" | "fail" | "settle" | "close" | "open") => () =>
  import("../market/run-lease.ts").then(({ handlers }) => ({ run: handlers[name] }));

/** Commands about leases, and what is paid. */
export const LEASE_COMMANDS: readonly CommandData[] = [
  {
    name: "quote",
    summary: "Ask a provider for the price of a pod, and for evidence",
    description:
      "Prints a signed price with each resource, what an hour costs, until when it is good and what the provider has at stake; and what evidence says of where the pod would run. All of it is looked at: what is wrong is named, and the exit code is 1. It moves no money.",
    words: { usage: "[FILE]", summary: "The pod file; pod.yaml by default", min: 0, max: 1 },
    flags: [
      PROVIDER_FLAG,
      {
        name: "nonce",
        kind: "value",
        placeholder: "TEXT",
        summary: "What evidence is to have in it; by chance by default",
      },
      ...MARKET_FLAGS,
    ],
    examples: [
      { words: "quote hello.yaml", does: "at the first provider that is known" },
      { words: "quote hello.yaml --provider=http://127.0.0.1:7900 --nonce=n1 --output=json", does: "all of it" },
    ],
    load: () => import("../market/run-quote.ts"),
  },
  {
    name: "lease ls",
    aliases: ["lease list"],
    summary: "List leases",
    description: "Those that go on, with what each comes to.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [{ name: "all", kind: "switch", summary: "Those that are over, too" }, ...MARKET_FLAGS],
    examples: [{ words: "lease ls --all", does: "all that there ever were" }],
    load: load("ls"),
  },
  {
    name: "lease open",
    summary: "Pay into a lease, without running anything yet",
    description:
      "What orrery pod deploy does up to the provider's start: it asks, looks, sends, and opens the lease. orrery pod deploy goes on from there; orrery lease close takes the money back.",
    words: { usage: "[FILE]", summary: "The pod file; pod.yaml by default", min: 0, max: 1 },
    flags: [
      PROVIDER_FLAG,
      {
        name: "deposit",
        kind: "value",
        placeholder: "AMOUNT",
        summary: "What is put in; as much as --for costs by default",
      },
      { name: "for", kind: "value", placeholder: "TIME", default: "24h", summary: "How long the deposit lasts" },
      ...MARKET_FLAGS,
    ],
    examples: [{ words: "lease open hello.yaml --deposit=10", does: "10 of the token" }],
    load: load("open"),
  },
  {
    name: "lease status",
    aliases: ["lease show"],
    summary: "Show how a lease stands, and its terms",
    description: "By the chain, and by the provider's ledger, whose lines are looked at by the prices of the quote.",
    words: LEASE,
    flags: [AT_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "lease status 0x12ab", does: "one lease" }],
    load: load("show"),
  },
  {
    name: "lease fund",
    summary: "Put more money into a lease",
    description: "What is not used comes back when the lease ends.",
    words: { usage: "LEASE AMOUNT", summary: "Such as 0x12ab 100", min: 2, max: 2 },
    flags: [AT_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "lease fund 0x12ab 100", does: "100 of the token" }],
    load: load("fund"),
  },
  {
    name: "lease follow",
    summary: "Do what a publisher does while a lease runs",
    description:
      "Reads what the provider meters, agrees to what its beats prove and signs vouchers for it; challenges a provider that falls silent or claims what it did not meter, and gives notice to one that did so again and again; settles the lease when it is over. With --allowance it puts money in before the deposit is used up. It tells where the pod does not answer from outside, whatever its provider says; that alone is no reason to challenge. One line tells each thing that happens. Nothing is lost while nobody follows: what is proven is paid by the chain. Ctrl-C ends it, and the same again goes on.",
    words: {
      usage: "[POD]",
      summary: "Its name, its file, or its lease; what pod.yaml names, or the only one, by default",
      min: 0,
      max: 1,
    },
    flags: [
      {
        name: "allowance",
        kind: "value",
        placeholder: "AMOUNT",
        summary: "What may be put in beside the deposit, in all; nothing by default",
      },
      {
        name: "top-up",
        kind: "value",
        placeholder: "AMOUNT",
        summary: "What is put in each time; what a day costs at most by default, or the allowance where that is less",
      },
      {
        name: "below",
        kind: "value",
        placeholder: "TIME",
        default: "1h",
        summary: "Put money in when what is there lasts for less",
      },
      {
        name: "challenges",
        kind: "value",
        placeholder: "COUNT",
        default: "2",
        summary:
          "How many challenges a provider answers, and has the bond of, before notice is given; 0 challenges never",
      },
      {
        name: "probe",
        kind: "value",
        placeholder: "TIME",
        default: "1m",
        summary: "How often a pod that has a host is asked from outside, as its visitors do; off for never",
      },
      KEEP,
      AT_FLAG,
      ...MARKET_FLAGS,
    ],
    examples: [
      { words: "lease follow hello", does: "until Ctrl-C" },
      { words: "lease follow hello --allowance=100 --top-up=10 --below=6h", does: "puts in 10, ten times at most" },
      { words: "lease follow 0x12ab --output=json", does: "a line of JSON for each thing" },
    ],
    load: () => import("../market/follow/run-lease-follow.ts"),
  },
  {
    name: "lease challenge",
    summary: "Have a provider prove that it serves, or lose of its stake",
    description:
      "Costs a bond, which the provider has if it answers, and which comes back if it does not. After the time to answer orrery lease fail says that it did not.",
    words: LEASE,
    flags: [AT_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "lease challenge 0x12ab", does: "of a provider that is silent" }],
    load: load("challenge"),
  },
  {
    name: "lease fail",
    summary: "Have the chain say that a challenge was not answered",
    description: "Once the time to answer is over. orrery lease settle does it too, where it is due.",
    words: LEASE,
    flags: [AT_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "lease fail 0x12ab", does: "after the time to answer" }],
    load: load("fail"),
  },
  {
    name: "lease settle",
    summary: "Settle a lease that is over, and have the rest of the money",
    description:
      "Pays the provider what is proven, gives back the rest, and what the provider forfeits where it went dark. A challenge that was not answered is told first. What comes back leaves the contract for the wallet.",
    words: LEASE,
    flags: [KEEP, AT_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "lease settle 0x12ab", does: "when its notice is over" }],
    load: load("settle"),
  },
  {
    name: "lease close",
    summary: "End a lease",
    description: "At once where it has not begun, else by notice, whose last part is without service.",
    words: LEASE,
    flags: [AT_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "lease close 0x12ab", does: "gives notice" }],
    load: load("close"),
  },
  {
    name: "balance",
    summary: "Show what your wallet has, and what leases come to",
    description:
      "What the wallet has, what the contract holds for it, and of each lease what was put in, what the provider has and can ask for, and what remains. The ledgers of providers are looked at line by line.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [...MARKET_FLAGS],
    examples: [
      { words: "balance", does: "for people" },
      { words: "balance --output=json", does: "in base units" },
    ],
    load: () => import("../market/run-balance.ts"),
  },
];
