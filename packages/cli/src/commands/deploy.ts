import type { CommandData, FlagData } from "../command.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";

const SPACE_FLAG: FlagData = {
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
  flags: [...DEPLOY_FLAGS, ...SERVER_FLAGS],
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

/** Commands about apps of platforms, beside `orrery run`. */
export const DEPLOY_COMMANDS: readonly CommandData[] = [updateCommand, killCommand];
