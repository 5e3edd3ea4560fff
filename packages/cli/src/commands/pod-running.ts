import type { CommandData } from "../command.ts";
import { AT_FLAG, MARKET_FLAGS, PROVIDER_FLAG } from "./market-flags.ts";

const FILE = { usage: "[FILE]", summary: "The pod file; pod.yaml by default", min: 0, max: 1 } as const;
const POD = {
  usage: "[POD]",
  summary: "Its name, its file, or its lease; what pod.yaml names, or the only one, by default",
  min: 0,
  max: 1,
} as const;

/** Commands about pods that run, or are to. */
export const RUNNING_POD_COMMANDS: readonly CommandData[] = [
  {
    name: "pod deploy",
    summary: "Run a pod on a provider, and pay for it",
    description:
      "Packs and seals images and secrets, asks for a price and for evidence, looks at both, sends what the provider does not have, opens a lease with a deposit and has the pod run. Where any of it fails the money is back. Cut off, the same again goes on. What is not used of the deposit comes back when the lease ends.",
    words: FILE,
    flags: [
      PROVIDER_FLAG,
      {
        name: "deposit",
        kind: "value",
        placeholder: "AMOUNT",
        summary: "What is put in, such as 100; as much as --for costs by default",
      },
      {
        name: "for",
        kind: "value",
        placeholder: "TIME",
        default: "24h",
        summary: "How long the deposit lasts, at the most that use may cost",
      },
      {
        name: "dry-run",
        kind: "switch",
        summary: "Say where, for how much and what would be public; send and pay nothing",
      },
      ...MARKET_FLAGS,
    ],
    examples: [
      { words: "pod deploy --dry-run", does: "pod.yaml: what would happen" },
      { words: "pod deploy hello.yaml --provider=http://127.0.0.1:7900 --deposit=10", does: "at one provider" },
    ],
    load: () => import("../market/run-pod-deploy.ts"),
  },
  {
    name: "pod upload",
    summary: "Seal images and secrets of a pod, and send them to a provider's store",
    description:
      "What a store has is not sent again, to none of its providers: a deployment then gives keys alone. The store learns nothing of what is in it.",
    words: FILE,
    flags: [PROVIDER_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "pod upload", does: "what pod.yaml needs" }],
    load: () => import("../market/run-pod-deploy.ts").then(({ upload }) => ({ run: upload })),
  },
  {
    name: "pod update",
    summary: "Change a pod that runs",
    description:
      "Says what differs, whether each of it needs a restart, and does it: of several copies each is replaced once the new one is well. One that fails leaves what ran. A volume that the file lacks goes only with --delete-volume. Where more is asked for than the lease pays, deploy anew.",
    words: FILE,
    flags: [
      AT_FLAG,
      { name: "dry-run", kind: "switch", summary: "Say what would be done, and do nothing" },
      {
        name: "delete-volume",
        kind: "values",
        placeholder: "NAME",
        summary: "Volume whose content may go; may be repeated",
      },
      ...MARKET_FLAGS,
    ],
    examples: [
      { words: "pod update --dry-run", does: "the plan alone" },
      { words: "pod update hello.yaml", does: "the plan, and what it says" },
    ],
    load: () => import("../market/run-pod-update.ts"),
  },
  {
    name: "pod page",
    summary: "Do all of it in a browser",
    description:
      "Serves a page on this machine alone, until Ctrl-C: pods of the wallet with their health, cost, logs and charts; pod files of this folder, new, imported and looked at while somebody types; prices, deployments with their progress, updates with their plan, and money. The link that it prints logs in; whoever has it may spend what the wallet has.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [
      {
        name: "port",
        kind: "value",
        placeholder: "PORT",
        default: "0",
        summary: "Port of 127.0.0.1; 0 for any that is free",
      },
      ...MARKET_FLAGS,
    ],
    examples: [
      { words: "pod page", does: "of the wallet in use, until Ctrl-C" },
      { words: "pod page --wallet=ann --port=7950", does: "of a wallet that is named, at the same port each time" },
    ],
    load: () => import("../market/run-pod-page.ts"),
  },
  {
    name: "pod ls",
    aliases: ["pod list"],
    summary: "List your pods",
    description: "Those of all providers, by the leases that this user opened.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [...MARKET_FLAGS],
    examples: [{ words: "pod ls", does: "all that go on" }],
    load: () => import("../market/run-lease.ts").then(({ handlers }) => ({ run: handlers.ls })),
  },
  {
    name: "pod status",
    summary: "Show how a pod stands",
    description:
      "Health, copies, addresses, images by their digests, what an hour costs, and until when the deposit lasts.",
    words: POD,
    flags: [AT_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "pod status hello", does: "one pod" }],
    load: () => import("../market/run-pod.ts").then(({ handlers }) => ({ run: handlers.status })),
  },
  {
    name: "pod logs",
    summary: "Show what a pod wrote",
    description: "Lines of its containers and what became of them, in order. They outlive a crash.",
    words: POD,
    flags: [
      AT_FLAG,
      { name: "follow", short: "f", kind: "switch", summary: "Lines to come as well, until Ctrl-C" },
      { name: "since", kind: "value", placeholder: "TIME", summary: "Such as 5m: no older ones" },
      { name: "tail", kind: "value", placeholder: "COUNT", summary: "The last so many" },
      { name: "container", kind: "value", placeholder: "NAME", summary: "Of one container alone" },
      ...MARKET_FLAGS,
    ],
    examples: [{ words: "pod logs hello -f --since=5m", does: "of the last five minutes, and on" }],
    load: () => import("../market/run-pod-logs.ts"),
  },
  {
    name: "pod metrics",
    summary: "Show what a pod used",
    description: "Processor, memory, traffic, storage and copies over time.",
    words: POD,
    flags: [
      AT_FLAG,
      { name: "since", kind: "value", placeholder: "TIME", summary: "Such as 1h; all that is kept by default" },
      ...MARKET_FLAGS,
    ],
    examples: [{ words: "pod metrics hello --output=json", does: "a point a line" }],
    load: () => import("../market/run-pod.ts").then(({ handlers }) => ({ run: handlers.metrics })),
  },
  {
    name: "pod events",
    summary: "Show what happened to a pod",
    description: "The oldest first, as the provider tells it.",
    words: POD,
    flags: [AT_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "pod events hello", does: "all of it" }],
    load: () => import("../market/run-pod.ts").then(({ handlers }) => ({ run: handlers.events })),
  },
  {
    name: "pod restart",
    summary: "End the processes of a pod, and start them anew",
    description: "Copy after copy where there are several. Volumes stay.",
    words: POD,
    flags: [AT_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "pod restart hello", does: "with its volumes" }],
    load: () => import("../market/run-pod.ts").then(({ handlers }) => ({ run: handlers.restart })),
  },
  {
    name: "pod fund",
    summary: "Put more money into the lease of a pod",
    description: "What is not used comes back when the lease ends.",
    words: {
      usage: "[POD] AMOUNT",
      summary: "The pod, its file or its lease, and how much, such as 100",
      min: 1,
      max: 2,
    },
    flags: [AT_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "pod fund hello 100", does: "100 of the token" }],
    load: () => import("../market/run-lease.ts").then(({ handlers }) => ({ run: handlers.fund })),
  },
  {
    name: "pod close",
    summary: "End the lease of a pod",
    description:
      "At once where it has not begun, else by notice, whose last part is without service. What is not used comes back when it is over: orrery lease settle.",
    words: POD,
    flags: [AT_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "pod close hello", does: "gives notice" }],
    load: () => import("../market/run-lease.ts").then(({ handlers }) => ({ run: handlers.close })),
  },
  {
    name: "pod delete",
    aliases: ["pod rm"],
    summary: "End a pod and its lease, with its volumes",
    description:
      "The provider ends the pod for good, and the lease gets its notice. What is not used of the deposit comes back when the notice is over.",
    words: POD,
    flags: [AT_FLAG, ...MARKET_FLAGS],
    examples: [{ words: "pod delete hello", does: "its hosts answer 404 from then on" }],
    load: () => import("../market/run-lease.ts").then(({ handlers }) => ({ run: handlers.delete })),
  },
];
