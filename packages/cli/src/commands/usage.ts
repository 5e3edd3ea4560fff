import type { CommandData } from "../command.ts";
import { ADDRESS_WORD, SERVER_FLAGS } from "./resource-flags.ts";

/** Commands about what is used, and what may be. */
export const USAGE_COMMANDS: readonly CommandData[] = [
  {
    name: "usage",
    summary: "Show what was used",
    description:
      "Bytes over the network, time of the processor, messages, and bytes that lie in files and in the database: of a resource and all that lies in it, by what lies in it directly. Rows add up to the total. With --output=json bytes times milliseconds are told, too.",
    words: { usage: "[ADDRESS]", summary: "Where to look; everywhere by default, for operators", min: 0, max: 1 },
    flags: [
      {
        name: "by",
        kind: "value",
        placeholder: "WHAT",
        choices: ["address", "owner"],
        default: "address",
        summary: "Of which each has a row: owners are users and operators, with what apps of theirs own",
      },
      ...SERVER_FLAGS,
    ],
    examples: [
      { words: "usage demo.test", does: "of a space, by what lies in it" },
      { words: "usage demo.test --by=owner", does: "by whose it is" },
    ],
    load: () => import("../usage/run-usage.ts"),
  },
  {
    name: "quota set",
    summary: "Bound how many bytes of content may lie in a resource",
    description:
      "Counts files and bundles in the resource at any depth; with AGENT, those that this agent owns. What is there stays, even if it is more; what would come on top is refused. Only those may set it who may write what the resource lies in.",
    words: {
      usage: "[AGENT] ADDRESS SIZE",
      summary: "The size is such as 500MB or 1.5GiB, or a number of bytes",
      min: 2,
      max: 3,
    },
    flags: [...SERVER_FLAGS],
    examples: [
      { words: "quota set demo.test:files 1GiB", does: "all that lies in files" },
      { words: "quota set ann demo.test:files 100MiB", does: "what ann owns of it" },
    ],
    load: () => import("../usage/run-quota-set.ts"),
  },
  {
    name: "quota get",
    summary: "Show the quotas that a resource is under, and how much is used",
    description: "Its own, then those of what it lies in. Works for an address at which nothing is yet.",
    words: ADDRESS_WORD,
    flags: [...SERVER_FLAGS],
    examples: [{ words: "quota get demo.test:files:/a.txt", does: "what a file must fit in" }],
    load: () => import("../usage/run-quota-get.ts"),
  },
  {
    name: "quota rm",
    summary: "Take a quota away",
    description: "That of all, or with AGENT that of one agent; others of the same resource stay.",
    words: { usage: "[AGENT] ADDRESS", summary: "The agent is written as it was set", min: 1, max: 2 },
    flags: [...SERVER_FLAGS],
    examples: [{ words: "quota rm ann demo.test:files", does: "leave the quota of all" }],
    load: () => import("../usage/run-quota-rm.ts"),
  },
  {
    name: "quota ls",
    summary: "List quotas, and how much of each is used",
    description: "Of everything, or of one resource and what lies in it.",
    words: { usage: "[ADDRESS]", summary: "Where to look; everywhere by default", min: 0, max: 1 },
    flags: [...SERVER_FLAGS],
    examples: [{ words: "quota ls demo.test", does: "of one space" }],
    load: () => import("../usage/run-quota-ls.ts"),
  },
];
