import type { CommandData, FlagData } from "../command.ts";
import { SPACE_FLAG } from "./deploy.ts";
import { NODE_FLAG, OPERATE_FLAGS, WAIT_FLAG } from "./operate-flags.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";

/** Whether operators have no flag of that name. */
const isOther = ({ name }: FlagData) => !OPERATE_FLAGS.some((flag) => flag.name === name);

const NONE = { usage: "", summary: "", min: 0, max: 0 };

/** `orrery nodes` */
export const nodesCommand: CommandData = {
  name: "nodes",
  summary: "List the nodes of a network, and how they stand",
  description:
    "Asks one node who else there is, and then each of them. One that gives no answer is shown as silent. Distances are one way from the node that was asked, as it has measured or estimated them, with what they may be wrong by. Without flags it is about what orrery run runs in this project.",
  words: NONE,
  flags: OPERATE_FLAGS,
  examples: [
    { words: "nodes", does: "of what runs in this project" },
    { words: "nodes --address=tcp://10.0.0.7:7101", does: "of a network, by any of its nodes" },
    { words: "nodes --output=json", does: "for a program" },
  ],
  load: () => import("../operate/run-nodes.ts"),
};

/** `orrery top` */
export const topCommand: CommandData = {
  name: "top",
  summary: "Watch what all nodes do, in a table that is drawn again and again",
  description:
    "A line for each component of each node: instances that are ready, messages that are handled and that wait, for how long the first of these has waited, and how many were handled and failed a second. The key q or Ctrl-C ends it, s goes to the next order, 1 to 7 choose one. Where standard output is no screen, it prints one table. --output=json prints an object for each look.",
  words: NONE,
  flags: [
    NODE_FLAG,
    { name: "once", kind: "switch", summary: "Print one table, and end" },
    { name: "every", kind: "value", placeholder: "TIME", default: "1s", summary: "Time between two looks" },
    {
      name: "sort",
      kind: "value",
      choices: ["busy", "wait", "rate", "failed", "cpu", "memory", "name"],
      default: "busy",
      placeholder: "ORDER",
      summary: "What comes first",
    },
    ...OPERATE_FLAGS,
  ],
  examples: [
    { words: "top", does: "until q is typed" },
    { words: "top --sort=wait --every=250ms", does: "where messages wait, four times a second" },
    { words: "top --once", does: "one table, as in a script" },
    { words: "top --output=json", does: "a line of JSON for each look" },
  ],
  load: () => import("../operate/run-top.ts"),
};

/** `orrery trace` */
export const traceCommand: CommandData = {
  name: "trace",
  summary: "Show where messages went, from what all nodes keep",
  description:
    "Each trace is all that one beginning led to: a line for each message, with when it began, how long its caller waited, and how long its handler had it. Nodes keep the newest messages of the flows that are traced, 1 in 100 by default. With --watch every node follows all messages of a flow or a component, and prints them as they end; the watch ends by itself.",
  words: {
    usage: "[FLOW-or-TRACE]",
    summary: "Name of a flow, with * for any characters, or how a trace's id begins",
    min: 0,
    max: 1,
  },
  flags: [
    { name: "watch", kind: "switch", summary: "Follow messages from now on" },
    { name: "flow", kind: "value", placeholder: "NAME", summary: "Only of this flow; * stands for any characters" },
    { name: "component", kind: "value", placeholder: "NAME", summary: "Only of this component" },
    { name: "for", kind: "value", placeholder: "TIME", summary: "With --watch: how long; 1m by default, at most 1h" },
    { name: "failed", kind: "switch", summary: "Only messages that did not end in a reply" },
    { name: "limit", kind: "value", placeholder: "N", summary: "The newest so many traces; 10 by default" },
    { name: "app", kind: "value", placeholder: "APP", summary: "Of an app on a platform, whose calls are all traced" },
    NODE_FLAG,
    SPACE_FLAG,
    ...OPERATE_FLAGS,
    ...SERVER_FLAGS.filter(isOther),
  ],
  examples: [
    { words: "trace", does: "the newest traces" },
    { words: "trace booking", does: "of flows of that name" },
    {
      words: "trace --app=demo.test:shop",
      does: "the newest calls of an app on a platform, as trees with their times",
    },
    { words: "trace --watch --flow=booking --for=60s", does: "follow them for a minute" },
    { words: "trace --watch --component=greeter", does: "every message of one component" },
  ],
  load: () => import("../operate/run-trace.ts"),
};

/** `orrery drain` */
export const drainCommand: CommandData = {
  name: "drain",
  summary: "Let a node, or one component of it, finish and take nothing new",
  description:
    "The other nodes are told first, and what comes until they know is still taken. Then the node takes nothing new, finishes what it had accepted, and the command says so. Streams are asked to end. A component that was drained comes back by orrery capacity set; a node does not.",
  words: { usage: "NODE[/COMPONENT]", summary: "What to drain, as orrery nodes names it", min: 1, max: 1 },
  flags: [WAIT_FLAG, ...OPERATE_FLAGS],
  examples: [
    { words: "drain greeter-0", does: "all of a node, before it is ended" },
    { words: "drain greeter-0/greeter", does: "one component of it" },
  ],
  load: () => import("../operate/run-drain.ts"),
};

/** `orrery scale` */
export const scaleCommand: CommandData = {
  name: "scale",
  summary: "Run so many instances of a component, of an app on a platform or spread over nodes",
  description:
    "With an APP, it says how many processes its components have on a platform, in the place of what its orrery.yaml says and until it is told otherwise: a number, 1..4 for as many as what waits asks for, or default for what the file says. No call is lost. Without one it counts the instances of all nodes that have the component and take messages. Each one more goes to the node that has the fewest, each one less is taken from the one that has the most, of several alike from the least busy. What is taken away finishes what it had accepted. No process is started or ended.",
  words: {
    usage: "[APP] COMPONENT=N…",
    summary: "The app, if it is one of a platform; the component, and its instances",
    min: 1,
  },
  flags: [NODE_FLAG, WAIT_FLAG, SPACE_FLAG, ...OPERATE_FLAGS, ...SERVER_FLAGS.filter(isOther)],
  examples: [
    { words: "scale demo.test:shop greeter=3", does: "three processes of a component of an app" },
    { words: "scale shop greeter=1..4 --space=demo.test", does: "one to four, as calls wait" },
    { words: "scale greeter=6", does: "six, wherever there is room" },
    { words: "scale greeter=0", does: "none: calls are bounced until there are some again" },
  ],
  load: () => import("../operate/run-scale.ts"),
};

/** `orrery explain` */
export const explainCommand: CommandData = {
  name: "explain",
  summary: "Say where a call would go from each node, and why not elsewhere",
  description:
    "Every place of the component with what leaves it out: its version, the horizon, a breaker, a throttle, no connection. Below, how far the message may travel, and who decided each part of that.",
  words: { usage: "COMPONENT[.METHOD]", summary: "What would be called", min: 1, max: 1 },
  flags: [
    { name: "from", kind: "values", placeholder: "NODE", summary: "Only from this node; may be repeated" },
    { name: "version", kind: "value", placeholder: "1.2.3", summary: "Exact version that is wanted" },
    { name: "flow", kind: "value", placeholder: "NAME", summary: "Flow that the message is of" },
    {
      name: "scope",
      kind: "value",
      choices: ["process", "host", "network", "any"],
      placeholder: "SCOPE",
      summary: "Horizon that the message has",
    },
    {
      name: "distance",
      kind: "value",
      placeholder: "TIME",
      summary: "Largest distance one way that the message allows",
    },
    ...OPERATE_FLAGS,
  ],
  examples: [
    { words: "explain greeter.hello", does: "from every node" },
    { words: "explain greeter --from=shop-0 --scope=host", does: "from one, when it may not leave the host" },
  ],
  load: () => import("../operate/run-explain.ts"),
};
