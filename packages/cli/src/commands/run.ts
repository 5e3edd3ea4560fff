import { COMMON_FLAGS, type CommandData, type FlagData } from "../command.ts";
import { DEPLOY_FLAGS } from "./deploy.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";

/** A flag of what runs on a platform, and says so. */
const onPlatform = (flag: FlagData): FlagData => ({ ...flag, summary: `On a platform: ${flag.summary}` });

/** `orrery run` */
export const runCommand: CommandData = {
  name: "run",
  summary: "Run components from files and folders, here or on a platform",
  description:
    "A file may export one component or several; a folder is every script directly in it, or what its index exports. Nothing else is needed: no manifest, no configuration. Where a folder has an orrery.yaml, or one is named, its components run with what it says, and its routes are served. Where a folder has a component.yaml, what it asks for is checked first, and its commands run before and after. Everything runs in this process, or each instance in a process or a thread of its own. Ctrl-C finishes what was accepted; a second one stops at once. Other commands typed in the same project find the components by themselves. With --space it runs on a platform: SOURCE is a directory with an orrery.yaml, else a repository of Git, with @BRANCH, @TAG or @COMMIT behind its URL, else a bundle, by its address or by its name in the space. What .gitignore and .orreryignore name is not sent; the same code again is neither sent nor started anew.",
  words: {
    usage: "FILE-or-DIR…",
    summary: "Scripts that export components, or folders of them; with --space one SOURCE",
    min: 1,
  },
  flags: [
    {
      name: "isolate",
      kind: "value",
      choices: ["none", "process", "thread"],
      default: "none",
      placeholder: "HOW",
      summary:
        "What each instance has for its own, over ZeroMQ, and started again when it crashes: a process, or a thread",
    },
    {
      name: "instances",
      kind: "values",
      placeholder: "NAME=COUNT",
      summary: "Copies of a component; may be repeated; on a platform also MIN..MAX, by what waits",
    },
    {
      name: "http",
      kind: "maybe",
      placeholder: "PORT",
      summary: "Open the HTTP door: Connect, gRPC, gRPC-Web and JSON; any free port by default",
    },
    {
      name: "web-port",
      kind: "value",
      placeholder: "PORT",
      summary: "Port for the routes of an orrery.yaml; 0 is any free one; by default 7780, or any where that is taken",
    },
    {
      name: "listen",
      kind: "value",
      placeholder: "ADDRESS",
      default: "tcp://127.0.0.1:0",
      summary: "Address for other nodes and for orrery call; port 0 is any free one",
    },
    { name: "no-listen", kind: "switch", summary: "Open no socket at all" },
    { name: "directory", kind: "value", placeholder: "FILE", summary: "Where components elsewhere are" },
    { name: "watch", kind: "switch", summary: "Start again when a file changes that the components are made of" },
    { name: "agent", kind: "value", placeholder: "NAME", summary: "On whose behalf messages begin here" },
    {
      name: "log",
      kind: "value",
      choices: ["text", "json"],
      default: "text",
      placeholder: "FORM",
      summary: "How log lines are written to standard error",
    },
    {
      name: "capture",
      kind: "value",
      placeholder: "FILE",
      summary: "Record every frame, for orrery inspect; of several processes, each adds its node and its id",
    },
    {
      name: "clock",
      kind: "switch",
      summary: "One process for each component under one clock, or a scenario divided among --processes",
    },
    { name: "paused", kind: "switch", summary: "With --clock: hold the clock at the beginning" },
    {
      name: "processes",
      kind: "value",
      placeholder: "N",
      summary: "With --clock: processes of a scenario; 2 by default",
    },
    {
      name: "place",
      kind: "values",
      placeholder: "NODE=PROCESS",
      summary: "With --clock: process of a node of a scenario, from 0; may be repeated",
    },
    {
      name: "seed",
      kind: "value",
      placeholder: "N",
      summary: "With --clock: where all chance of the world comes from",
    },
    { name: "for", kind: "value", placeholder: "TIME", summary: "With --clock: end the run at this time of the world" },
    {
      name: "latency",
      kind: "value",
      placeholder: "TIME",
      summary: "With --clock: how long messages between components take; 1ms by default",
    },
    {
      name: "stall",
      kind: "value",
      placeholder: "TIME",
      summary: "With --clock: how long a process may do nothing before it is given up; 30s by default",
    },
    {
      name: "attach",
      kind: "value",
      placeholder: "APP",
      summary:
        "Run here, in the place of what an app of a platform on this machine runs: its calls come to this process",
    },
    ...DEPLOY_FLAGS.map(onPlatform),
    ...SERVER_FLAGS.filter(({ name }) => name !== "agent" && !COMMON_FLAGS.some((one) => one.name === name)).map(
      onPlatform,
    ),
    ...COMMON_FLAGS,
  ],
  examples: [
    { words: "run weather.ts", does: "one file, one process" },
    { words: "run components --watch --http=8080", does: "a folder, while you work on it, with an HTTP door" },
    {
      words: "run components --isolate=process --instances=weather=3",
      does: "a process for each, three of them weather",
    },
    { words: "run components --clock --paused", does: "under one clock, that orrery clock moves" },
    { words: "run shop/orrery.yaml --isolate=process", does: "the components that it names" },
    { words: "run payments.sim.ts --clock --processes=4", does: "a scenario, divided among four processes" },
    { words: "run mine.ts --directory=network.txt", does: "one here, the others where the file says" },
    { words: "run . --attach=demo.test:shop", does: "here, where a debugger is, in the place of what an app runs" },
    { words: "run . --space=demo.test --wait", does: "this directory on a platform, and wait until it runs" },
    { words: "run https://example.com/ann/shop@trial --space=demo.test", does: "a branch of a repository" },
  ],
  load: () => import("../run/run.ts"),
};
