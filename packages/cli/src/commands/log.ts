import type { CommandData } from "../command.ts";
import { LINE_FLAGS } from "./deploy.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";

const PATTERN =
  "A PATTERN is an address of an app or of what is in it, such as demo.test:shop:till, in which * stands for one step and ** at the end for one or more; what it means has what lies in it along.";

/** Commands about the levels of logs, and about several logs together. */
export const LOG_COMMANDS: readonly CommandData[] = [
  {
    name: "log set",
    summary: "Say from which level on lines are kept, at once and without a restart",
    description: `${PATTERN} At debug each message makes a line, too. off keeps nothing of what is logged; what a program prints by itself has no level, and is kept always. Where several patterns mean an address, the most special counts: read from the left, a name counts more than *, that more than **, and that more than nothing. It is a resource of the space, of kind LogLevel: whoever may create there may set it, and whoever may write it may change it.`,
    words: {
      usage: "PATTERN LEVEL",
      summary: "debug, info, warn, error, off, or default for what counts without",
      min: 2,
      max: 2,
    },
    flags: [...SERVER_FLAGS],
    examples: [
      { words: "log set 'demo.test:shop:**' debug", does: "each message of an app, and all that it logs" },
      { words: "log set demo.test:shop:till off", does: "one component is silent" },
    ],
    load: () => import("../logs/run-log-set.ts"),
  },
  {
    name: "log unset",
    summary: "Have a pattern say nothing about lines any more",
    description: "What else means its addresses counts again; else info.",
    words: { usage: "PATTERN", summary: "As it was set", min: 1, max: 1 },
    flags: [...SERVER_FLAGS],
    examples: [{ words: "log unset 'demo.test:shop:**'", does: "as before" }],
    load: () => import("../logs/run-log-unset.ts"),
  },
  {
    name: "log ls",
    aliases: ["log list"],
    summary: "List from which level on lines are kept",
    description: "Of all spaces whose levels you may read, with why one does not count.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [{ name: "space", kind: "value", placeholder: "SPACE", summary: "Only of this space" }, ...SERVER_FLAGS],
    examples: [{ words: "log ls --space=demo.test", does: "of one space" }],
    load: () => import("../logs/run-log-ls.ts"),
  },
  {
    name: "log tail",
    summary: "Print the lines of several apps together, and follow them",
    description: `${PATTERN} Lines are in the order of their times, of all apps that you may read; with --follow also of apps that come later. As orrery logs does of one app, with the address of each line.`,
    words: { usage: "PATTERN", summary: "Such as 'demo.test:**'", min: 1, max: 1 },
    flags: [
      ...LINE_FLAGS,
      {
        name: "level",
        kind: "value",
        placeholder: "LEVEL",
        choices: ["debug", "info", "warn", "error"],
        summary: "Only from this level on; what was printed without one counts as info",
      },
      ...SERVER_FLAGS,
    ],
    examples: [
      { words: "log tail 'demo.test:**' --follow", does: "all that the apps of a space say, as it comes" },
      {
        words: "log tail demo.test:shop --level=warn --since=1h --output=json",
        does: "what went wrong, for a program",
      },
    ],
    load: () => import("../logs/run-log-tail.ts"),
  },
];
