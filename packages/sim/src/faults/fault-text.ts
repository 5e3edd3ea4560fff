import { OrreryError } from "@orrery/core";
import type { LinkModel } from "../network/link-model.ts";
import type { DiskState } from "../world/disk.ts";
import type { Fault, TimedFault } from "./fault.ts";

/**
 * Writes a fault as one line, such as `crash store`, `partition a,b | c`, `slow store 5 ms`, `clog a>b`, `link a>b loss 0.3`. `readFault`
 * reads it back.
 */
export function writeFault(fault: Fault): string {
  switch (fault.verb) {
    case "slow":
    case "jump":
      return `${fault.verb} ${fault.node} ${fault.ms} ms`;
    case "disk":
      return `disk ${fault.node} ${fault.state}`;
    case "cut":
    case "clog":
    case "unclog":
      return `${fault.verb} ${fault.from}>${fault.to}`;
    case "heal":
      return fault.from === undefined && fault.to === undefined
        ? "heal"
        : `heal ${fault.from ?? "*"}>${fault.to ?? "*"}`;
    case "partition":
      return `partition ${fault.groups.map((group) => group.join(",")).join(" | ")}`;
    case "link":
      return `link ${fault.from}>${fault.to} ${writeChange(fault.change)}`;
    default:
      return `${fault.verb} ${fault.node}`;
  }
}

/** Writes a fault with its time, such as `at 120 ms: crash store`. */
export function writeTimedFault({ atMs, fault }: TimedFault): string {
  return `at ${atMs} ms: ${writeFault(fault)}`;
}

/** Names that a fault says: of nodes, or `*`. */
export function namesIn(fault: Fault): readonly string[] {
  if (fault.verb === "partition") return fault.groups.flat();
  if ("node" in fault) return [fault.node];
  return [fault.from, fault.to].filter((name) => name !== undefined);
}

/** Reads a fault from a line. @throws OrreryError `invalid_argument` that says what is wrong and what would do. */
export function readFault(line: string): Fault {
  const [verb = "", ...words] = line.trim().split(/\s+/);
  const read = READERS[verb];
  if (read === undefined)
    throw unfit(line, `there is no verb "${verb}", write one of ${Object.keys(READERS).join(", ")}`);
  const fault = read(words, verb);
  if (fault === undefined) throw unfit(line, `write ${USAGE[verb] ?? verb}`);
  return fault;
}

/** Reads a fault with its time, such as `at 120 ms: crash store`. @throws OrreryError `invalid_argument`. */
export function readTimedFault(line: string): TimedFault {
  const [, atMs, rest] = TIMED.exec(line.trim()) ?? [];
  if (atMs === undefined || rest === undefined) throw unfit(line, "write at TIME ms: and what is to happen then");
  return { atMs: Number(atMs), fault: readFault(rest) };
}

const TIMED = /^at\s+(\d+(?:\.\d+)?)\s*ms\s*:\s*(.+)$/;

const USAGE: Readonly<Record<string, string>> = {
  crash: "crash NODE",
  restart: "restart NODE",
  "restart-empty": "restart-empty NODE",
  pause: "pause NODE",
  resume: "resume NODE",
  slow: "slow NODE TIME ms",
  jump: "jump NODE TIME ms",
  disk: "disk NODE ok, slow, full or failing",
  cut: "cut FROM>TO",
  heal: "heal, or heal FROM>TO",
  partition: "partition A,B | C",
  clog: "clog FROM>TO",
  unclog: "unclog FROM>TO",
  link: "link FROM>TO and one or more of latency MS, loss SHARE, duplicate SHARE, corrupt SHARE, reorder SHARE MS",
};

type Reader = (words: readonly string[], verb: string) => Fault | undefined;

const STATES: readonly string[] = ["ok", "slow", "full", "failing"];

const onNode: Reader = ([node, ...rest], verb) =>
  node === undefined || rest.length > 0 ? undefined : ({ verb, node } as Fault);

const forTime: Reader = ([node, time, unit = "ms", ...rest], verb) => {
  const ms = Number(time);
  const isFit = node !== undefined && time !== undefined && Number.isFinite(ms) && unit === "ms" && rest.length === 0;
  return isFit ? ({ verb, node, ms } as Fault) : undefined;
};

const onLink: Reader = ([text = "", ...rest], verb) => {
  const ends = endsOf(text);
  return ends === undefined || rest.length > 0 ? undefined : ({ verb, ...ends } as Fault);
};

const READERS: Readonly<Record<string, Reader>> = {
  crash: onNode,
  restart: onNode,
  "restart-empty": onNode,
  pause: onNode,
  resume: onNode,
  slow: forTime,
  jump: forTime,
  disk: ([node, state = "", ...rest]) =>
    node === undefined || !STATES.includes(state) || rest.length > 0
      ? undefined
      : { verb: "disk", node, state: state as DiskState },
  cut: onLink,
  heal: (words, verb) => (words.length === 0 ? { verb: "heal" } : onLink(words, verb)),
  partition: (words) => {
    const groups = words
      .join(" ")
      .split("|")
      .map((group) => group.split(/[\s,]+/).filter((name) => name !== ""));
    return groups.length < 2 || groups.some((group) => group.length === 0) ? undefined : { verb: "partition", groups };
  },
  clog: onLink,
  unclog: onLink,
  link: ([text = "", ...words]) => {
    const ends = endsOf(text);
    const change = readChange(words);
    return ends === undefined || change === undefined ? undefined : { verb: "link", ...ends, change };
  },
};

function endsOf(text: string): { readonly from: string; readonly to: string } | undefined {
  const [from = "", to = "", ...rest] = text.split(">");
  return from === "" || to === "" || rest.length > 0 ? undefined : { from, to };
}

function writeChange({ latency, loss, duplicate, corrupt, reorder }: LinkModel): string {
  const words: string[] = [];
  if (typeof latency === "number") words.push(`latency ${latency}`);
  if (typeof loss === "number") words.push(`loss ${loss}`);
  if (duplicate !== undefined) words.push(`duplicate ${duplicate}`);
  if (corrupt !== undefined) words.push(`corrupt ${corrupt}`);
  if (reorder !== undefined) words.push(`reorder ${reorder.share} ${reorder.byMs}`);
  return words.join(" ");
}

function readChange(words: readonly string[]): LinkModel | undefined {
  let change: LinkModel = {};
  for (let index = 0; index < words.length; ) {
    const name = words[index];
    const value = Number(words[index + 1]);
    if (!Number.isFinite(value)) return undefined;
    index += 2;
    if (name === "latency" || name === "loss" || name === "duplicate" || name === "corrupt") {
      change = { ...change, [name]: value };
    } else if (name === "reorder" && Number.isFinite(Number(words[index]))) {
      change = { ...change, reorder: { share: value, byMs: Number(words[index]) } };
      index++;
    } else return undefined;
  }
  return words.length === 0 ? undefined : change;
}

function unfit(line: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot read fault "${line.trim()}": ${why}`);
}
