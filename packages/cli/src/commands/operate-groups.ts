import type { CommandData, FlagData } from "../command.ts";
import { NODE_FLAG, OPERATE_FLAGS, WAIT_FLAG } from "./operate-flags.ts";

const capacity = () => import("../operate/run-capacity.ts");
const circuit = () => import("../operate/run-circuit.ts");

/** `orrery capacity …` */
export const CAPACITY_COMMANDS: readonly CommandData[] = [
  {
    name: "capacity ls",
    summary: "Show how much of each component runs, and where",
    description:
      "Instances that take messages of those that are wanted, what is handled and what waits, and how much may wait for each instance. `orrery capacity` is the same.",
    words: { usage: "[COMPONENT]", summary: "Only this component", min: 0, max: 1 },
    flags: [NODE_FLAG, ...OPERATE_FLAGS],
    examples: [
      { words: "capacity", does: "of all components" },
      { words: "capacity greeter --node=greeter-0", does: "of one component of one node" },
    ],
    load: capacity,
  },
  {
    name: "capacity set",
    summary: "Change how many instances run, and what may wait for each, live",
    description:
      "Counts for each node that has the component: orrery scale divides a number among them. What is added is ready when the command ends. What is taken away has finished what it had accepted. With 0 instances the component takes nothing there. A smaller inbox keeps what it has.",
    words: { usage: "COMPONENT", summary: "The component, whole or by its last part", min: 1, max: 1 },
    flags: [
      { name: "instances", kind: "value", placeholder: "N", summary: "Instances on each node, from 0" },
      { name: "inbox", kind: "value", placeholder: "N", summary: "Messages that may wait for one instance" },
      {
        name: "inbox-bytes",
        kind: "value",
        placeholder: "N",
        summary: "Bytes of bodies that may wait for one instance",
      },
      NODE_FLAG,
      WAIT_FLAG,
      ...OPERATE_FLAGS,
    ],
    examples: [
      { words: "capacity set greeter --instances=4", does: "on each of its nodes" },
      { words: "capacity set greeter --inbox=100 --node=greeter-0", does: "on one of them" },
    ],
    load: capacity,
  },
];

const dead = () => import("../operate/run-dead.ts");

const DEAD_WORDS = { usage: "[NODE/NUMBER…]", summary: "Messages, as orrery dead lists them", min: 0 };

const DEAD_COMPONENT: FlagData = {
  name: "component",
  kind: "value",
  placeholder: "NAME",
  summary: "All of this component",
};

/** `orrery dead …` */
export const DEAD_COMMANDS: readonly CommandData[] = [
  {
    name: "dead ls",
    summary: "List kept messages that were given up",
    description:
      "What a method with `keep` accepted, and could not be handled: its handling was begun again and again and never ended, or it fits no method any more. It takes room in its node's journal until it is retried or dropped. `orrery dead` is the same.",
    words: { usage: "[COMPONENT]", summary: "Only those of this component", min: 0, max: 1 },
    flags: [NODE_FLAG, ...OPERATE_FLAGS],
    examples: [
      { words: "dead", does: "of all nodes" },
      { words: "dead orders --output=json", does: "those of one component, for a program" },
    ],
    load: dead,
  },
  {
    name: "dead show",
    summary: "Show one of them, with its body",
    description: "The body is JSON where the node has its contract and it fits, else base64.",
    words: { usage: "NODE/NUMBER", summary: "The message, as orrery dead lists it", min: 1, max: 1 },
    flags: [...OPERATE_FLAGS],
    examples: [{ words: "dead show orders-0/17", does: "what it asked for, and why it was given up" }],
    load: dead,
  },
  {
    name: "dead retry",
    summary: "Give messages that were given up to instances again",
    description:
      "Each waits behind what is there, with its idempotency key as it was and a raised attempt, and is tried as often as a new one. Mend first what it failed on.",
    words: DEAD_WORDS,
    flags: [DEAD_COMPONENT, NODE_FLAG, ...OPERATE_FLAGS],
    examples: [
      { words: "dead retry orders-0/17", does: "one" },
      { words: "dead retry --component=orders", does: "all of a component" },
    ],
    load: dead,
  },
  {
    name: "dead drop",
    summary: "Let go of messages that were given up, for good",
    description: "They are gone from the journal, and nobody has them any more.",
    words: DEAD_WORDS,
    flags: [DEAD_COMPONENT, NODE_FLAG, ...OPERATE_FLAGS],
    examples: [{ words: "dead drop orders-0/17 orders-0/18", does: "two" }],
    load: dead,
  },
];

const CIRCUIT_WORDS = {
  usage: "[CIRCUIT]",
  summary: "Component, with * for any characters; all by default",
  min: 0,
  max: 1,
};

const PLACE_FLAG: FlagData = {
  name: "place",
  kind: "value",
  placeholder: "ADDRESS",
  summary: "Only to this address",
};

/** `orrery circuit …` */
export const CIRCUIT_COMMANDS: readonly CommandData[] = [
  {
    name: "circuit ls",
    summary: "List the breakers and throttles of all nodes",
    description:
      "A node has a breaker for each place that it has called, and a throttle for each rule. Below stands what they kept back. `orrery circuit` is the same.",
    words: { usage: "[NAME]", summary: "Only those in whose name this stands", min: 0, max: 1 },
    flags: [NODE_FLAG, ...OPERATE_FLAGS],
    examples: [
      { words: "circuit", does: "of all nodes" },
      { words: "circuit ls bank --node=shop-0", does: "those of one node to one component" },
    ],
    load: circuit,
  },
  {
    name: "circuit open",
    summary: "Let nothing through to a place for a while",
    description: "When its time is over it is tried like any other that has opened, and closes when that goes well.",
    words: CIRCUIT_WORDS,
    flags: [
      { name: "for", kind: "value", placeholder: "TIME", summary: "How long, up to 1h; what its rule says by default" },
      PLACE_FLAG,
      NODE_FLAG,
      ...OPERATE_FLAGS,
    ],
    examples: [{ words: "circuit open bank.Till --place=tcp://10.0.0.8:7101 --for=10m", does: "spare one place" }],
    load: circuit,
  },
  {
    name: "circuit close",
    summary: "Let messages through again, now",
    description: "What was counted stays, so a place that fails on opens it again, for longer.",
    words: CIRCUIT_WORDS,
    flags: [PLACE_FLAG, NODE_FLAG, ...OPERATE_FLAGS],
    examples: [{ words: "circuit close bank.Till", does: "of every node" }],
    load: circuit,
  },
  {
    name: "circuit reset",
    summary: "Close breakers, and forget what was counted",
    description: "As if nothing had ever failed.",
    words: CIRCUIT_WORDS,
    flags: [PLACE_FLAG, NODE_FLAG, ...OPERATE_FLAGS],
    examples: [{ words: "circuit reset", does: "all of them" }],
    load: circuit,
  },
  {
    name: "circuit throttle",
    summary: "Change a throttle on every node that has it",
    description:
      "Counts from the next message on. What is under way goes on. What nodes are started with does not change.",
    words: { usage: "NAME", summary: "Name of its rule", min: 1, max: 1 },
    flags: [
      { name: "per-second", kind: "value", placeholder: "N", summary: "Messages a second" },
      { name: "concurrency", kind: "value", placeholder: "N", summary: "Messages that may be under way at once" },
      NODE_FLAG,
      ...OPERATE_FLAGS,
    ],
    examples: [{ words: "circuit throttle imports --per-second=20", does: "slow a flow down" }],
    load: circuit,
  },
];
