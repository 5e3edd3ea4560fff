import type { CommandData, FlagData } from "../command.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";

/** In which space an app lies. */
export const SPACE_FLAG: FlagData = {
  name: "space",
  kind: "value",
  placeholder: "ADDRESS",
  summary: "Space, or base in one, in which the app lies",
};

const NAME_FLAG: FlagData = {
  name: "name",
  kind: "value",
  placeholder: "NAME",
  summary: "What the app is called there; what its folder is called by default",
};

const waitFlag = (what: string): FlagData => ({
  name: "wait",
  kind: "maybe",
  placeholder: "TIME",
  summary: `Wait until it ${what}, 5m by default`,
});

const KEY_FLAG: FlagData = {
  name: "publisher-key",
  kind: "value",
  placeholder: "FILE",
  default: "~/.orrery/publisher.key",
  summary: "Key that signs what is sent",
};

const CHECK_FLAG: FlagData = {
  name: "no-check",
  kind: "switch",
  summary: "Run TypeScript whose types do not fit, too",
};

const GIT_FLAGS: readonly FlagData[] = [
  { name: "folder", kind: "value", placeholder: "PATH", summary: "Folder of the app in a repository" },
  {
    name: "git-token-file",
    kind: "value",
    placeholder: "FILE",
    summary: "Token of a private repository; else ORRERY_GIT_TOKEN",
  },
];

/** Flags by which something runs on a platform, without those about its server. */
export const DEPLOY_FLAGS: readonly FlagData[] = [
  SPACE_FLAG,
  NAME_FLAG,
  waitFlag("runs, or cannot"),
  KEY_FLAG,
  CHECK_FLAG,
  ...GIT_FLAGS,
];

const SOURCE =
  "a directory here, else a repository of Git, with @BRANCH, @TAG or @COMMIT behind its URL, else a bundle, by its address or by its name in the space";

const updateCommand: CommandData = {
  name: "update",
  summary: "Run another version of an app on a platform",
  description: `As orrery run --space, for an app that runs already. SOURCE is ${SOURCE}. No call is lost; where what is new does not start, what runs goes on.`,
  words: { usage: "[SOURCE]", summary: "The current directory by default", min: 0, max: 1 },
  flags: [
    ...DEPLOY_FLAGS,
    {
      name: "instances",
      kind: "values",
      placeholder: "NAME=N",
      summary: "Processes of a component: 3, 1..4 by what waits, or default; may be repeated",
    },
    ...SERVER_FLAGS,
  ],
  examples: [{ words: "update . --space=demo.test --wait", does: "the code of this directory, and wait for it" }],
  load: () => import("../deploy/run-deploy.ts"),
};

const killCommand: CommandData = {
  name: "kill",
  summary: "End an app on a platform, and remove it",
  description:
    "APP is its address, its name, NAME@REF, or the directory that was run. What it accepted is finished. The versions that were sent stay.",
  words: { usage: "APP", summary: "As in demo.test:shop, or shop with --space", min: 1, max: 1 },
  flags: [SPACE_FLAG, NAME_FLAG, waitFlag("is gone"), ...SERVER_FLAGS],
  examples: [
    { words: "kill demo.test:shop", does: "by its address" },
    { words: "kill . --space=demo.test --wait", does: "what this directory runs as, and wait for it" },
    { words: "kill shop@trial --space=demo.test", does: "what runs of a branch" },
  ],
  load: () => import("../deploy/run-kill.ts"),
};

const rollbackCommand: CommandData = {
  name: "rollback",
  summary: "Run again what ran of an app before",
  description:
    "What ran before takes the place of what runs, without a lost call; where the last update did not come up, it is given up for what runs. A platform remembers the last ten versions that ran of an app, and orrery run keeps the ten that were sent last beside those.",
  words: { usage: "APP", summary: "As in demo.test:shop, or shop with --space", min: 1, max: 1 },
  flags: [
    { name: "version", kind: "value", placeholder: "VERSION", summary: "To this version, of the same series" },
    { name: "list", kind: "switch", summary: "Show what ran, the last first, and change nothing" },
    SPACE_FLAG,
    NAME_FLAG,
    waitFlag("runs, or cannot"),
    ...SERVER_FLAGS,
  ],
  examples: [
    { words: "rollback demo.test:shop --wait", does: "what ran before, and wait for it" },
    { words: "rollback demo.test:shop --list", does: "what ran" },
    { words: "rollback demo.test:shop --version=1.0.0", does: "a version by its name" },
  ],
  load: () => import("../deploy/run-rollback.ts"),
};

const statsCommand: CommandData = {
  name: "stats",
  summary: "Show what the processes of an app on a platform use and do",
  description:
    "A line for each process: since when it runs, its memory, the time it computed for, the messages that came to it and have ended, and those of them that did not end in a reply, with what it handles now and what waits. --metrics prints all that they measure, as Prometheus reads it. Whoever may read an app may ask.",
  words: { usage: "APP", summary: "As in demo.test:shop, or shop with --space", min: 1, max: 1 },
  flags: [
    { name: "metrics", kind: "switch", summary: "Print metrics for Prometheus" },
    SPACE_FLAG,
    NAME_FLAG,
    ...SERVER_FLAGS,
  ],
  examples: [
    { words: "stats demo.test:shop", does: "its processes" },
    { words: "stats demo.test:shop --metrics", does: "for Prometheus" },
  ],
  load: () => import("../deploy/run-stats.ts"),
};

/** Flags by which some lines of logs are read, and followed. */
export const LINE_FLAGS: readonly FlagData[] = [
  {
    name: "lines",
    short: "n",
    kind: "value",
    placeholder: "N",
    default: "100",
    summary: "The last so many lines; all that are kept: all",
  },
  { name: "follow", short: "f", kind: "switch", summary: "Go on with what comes, until Ctrl-C" },
  { name: "since", kind: "value", placeholder: "TIME", summary: "Only since: 10m ago, or 2026-11-22T10:00:00Z" },
  {
    name: "stream",
    kind: "values",
    placeholder: "NAME",
    choices: ["stdout", "stderr", "mechtron", "build", "platform"],
    summary: "Only of this stream; may be repeated",
  },
];

const logsCommand: CommandData = {
  name: "logs",
  summary: "Print what an app on a platform says, and follow it",
  description:
    "Lines that its processes and mechtrons print, those of the check of its code (build), and what the platform did with it (platform), each with its time. They outlive restarts; the oldest go when an app says much. Whoever may read an app may read them. With --follow the command goes on where it was when its platform comes back.",
  words: { usage: "APP", summary: "As in demo.test:shop, or shop with --space", min: 1, max: 1 },
  flags: [
    ...LINE_FLAGS,
    { name: "after", kind: "value", placeholder: "N", summary: "Only behind the line of this number, as JSON has it" },
    {
      name: "instance",
      kind: "value",
      placeholder: "NAME",
      summary: "Only of this process or mechtron, or of this component",
    },
    SPACE_FLAG,
    NAME_FLAG,
    ...SERVER_FLAGS,
  ],
  examples: [
    { words: "logs demo.test:shop", does: "the last lines" },
    { words: "logs shop --space=demo.test -n 20 -f", does: "twenty of them, and what comes" },
    {
      words: "logs demo.test:shop --since=10m --stream=stderr --output=json",
      does: "for a program: a line of JSON for each",
    },
    { words: "logs demo.test:shop --stream=build", does: "how it was built, and what was wrong with it" },
  ],
  load: () => import("../deploy/run-logs.ts"),
};

/** Commands about apps of platforms, beside `orrery run`. */
export const DEPLOY_COMMANDS: readonly CommandData[] = [
  updateCommand,
  rollbackCommand,
  killCommand,
  logsCommand,
  statsCommand,
];
