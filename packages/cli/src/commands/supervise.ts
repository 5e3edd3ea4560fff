import { COMMON_FLAGS, type CommandData } from "../command.ts";
import { KEYS_FLAG } from "./reach-flags.ts";

/** `orrery supervise` */
export const superviseCommand: CommandData = {
  name: "supervise",
  summary: "Keep the components of a folder up on this host",
  description:
    "The folder holds a file or a folder for each component, and perhaps a host.yaml that says how they run. Each gets processes of its own, which find one another, and those of other hosts, by gossip. What changes in the folder is taken over by itself, or by SIGHUP, a new version in the place of an old one only once it runs; a file deploy.lock in the folder holds that up. Ctrl-C or SIGTERM finishes what was accepted, a second one ends at once. SIGUSR2 ends this command alone: its processes run on, and the next one takes them over.",
  words: { usage: "DIR", summary: "Folder of components", min: 1, max: 1 },
  flags: [...COMMON_FLAGS],
  examples: [
    { words: "supervise components", does: "until somebody ends it" },
    { words: "supervise /srv/shop --output=json", does: "the same, with a line of JSON for all that happens" },
  ],
  load: () => import("../supervise/run-supervise.ts"),
};

/** `orrery apply` */
export const applyCommand: CommandData = {
  name: "apply",
  summary: "Bring the components of a folder to the hosts of a network",
  description:
    "Sends what hosts do not have yet, and replaces one process after another, on a few hosts at a time; no call fails for it. A version that does not start, or fails more calls than it may, goes back everywhere. Hosts that cannot be reached are named, and the same command goes on with them later. Applied twice, it changes nothing. Without --to it is about the hosts that orrery supervise runs in this project. A host obeys its operators, and whoever runs it on the same machine.",
  words: { usage: "DIR", summary: "Folder of components", min: 1, max: 1 },
  flags: [
    { name: "to", kind: "value", placeholder: "ADDRESS", summary: "A node of the network, such as one of its hosts" },
    { name: "host", kind: "values", placeholder: "NAME", summary: "Only this host; may be repeated" },
    { name: "plan", kind: "switch", summary: "Say what would change, and change nothing" },
    { name: "prune", kind: "switch", summary: "Take away components that the folder does not have" },
    {
      name: "canary",
      kind: "value",
      placeholder: "SHARES",
      summary:
        "Shares at which to judge the new version by its calls, such as 1%,10%,100%: of hosts, or of one host's processes",
    },
    {
      name: "failed-share",
      kind: "value",
      placeholder: "SHARE",
      summary: "Failed calls that are allowed; 1% by default",
    },
    { name: "calls", kind: "value", placeholder: "N", summary: "Calls that are needed to judge; 100 by default" },
    {
      name: "at-once",
      kind: "value",
      placeholder: "N",
      default: "1",
      summary: "Hosts that may be changing at once, or be out of reach in the middle of it",
    },
    {
      name: "wait",
      kind: "value",
      placeholder: "TIME",
      default: "1m",
      summary: "How long hosts out of reach are waited for in the end",
    },
    { name: "agent", kind: "value", placeholder: "NAME", summary: "On whose behalf: one of the hosts' operators" },
    KEYS_FLAG,
    ...COMMON_FLAGS,
  ],
  examples: [
    { words: "apply components --plan", does: "what would change here" },
    { words: "apply components --to=tcp://10.0.0.7:7100 --agent=ops --at-once=3", does: "on every host of a network" },
    { words: "apply components --canary=1%,10%,100%", does: "a few first, and judged" },
  ],
  load: () => import("../supervise/run-apply.ts"),
};
