import type { Fault } from "../faults/fault.ts";
import { readFault } from "../faults/fault-text.ts";
import type { TraceRecord } from "../trace/trace.ts";
import { endTickOf, type Recording } from "./recording.ts";

/** A time in which a node is not as it should be. */
export interface NodeState {
  readonly kind: "down" | "paused" | "slow";
  readonly node: string;
  readonly fromTick: number;
  /** End of the recording where it lasts. */
  readonly toTick: number;
}

/** A time in which one direction between two nodes is not as it should be. */
export interface LinkState {
  readonly kind: "cut" | "clogged" | "changed";
  readonly from: string;
  readonly to: string;
  readonly fromTick: number;
  /** End of the recording where it lasts. */
  readonly toTick: number;
}

/** All that was wrong in a run, and when: in the order of their beginnings. */
export interface RunStates {
  readonly nodes: readonly NodeState[];
  readonly links: readonly LinkState[];
}

/** Reads from the faults of a run, and from the crashes and restarts of its nodes, when what was wrong. */
export function statesOf(recording: Recording): RunStates {
  const reading = new StateReading(recording.nodes.map(({ name }) => name));
  for (const record of recording.records) reading.take(record);
  return reading.end(endTickOf(recording));
}

type Open = NodeState | LinkState;

class StateReading {
  readonly #names: readonly string[];
  readonly #open = new Map<string, Open>();
  readonly #ended: Open[] = [];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  take({ kind, node, text, tick }: TraceRecord): void {
    if (kind === "life") this.#setNode("down", node, text === "crash", tick);
    if (kind !== "fault") return;
    if (text === "recover") this.#endAll(tick);
    const fault = faultOf(text);
    if (fault !== undefined) this.#apply(fault, tick);
  }

  end(tick: number): RunStates {
    this.#endAll(tick);
    const all = this.#ended.toSorted((a, b) => a.fromTick - b.fromTick);
    const isOfNode = (state: Open): state is NodeState => "node" in state;
    return { nodes: all.filter(isOfNode), links: all.filter((state): state is LinkState => !isOfNode(state)) };
  }

  #apply(fault: Fault, tick: number): void {
    switch (fault.verb) {
      case "pause":
      case "resume":
        this.#setNode("paused", fault.node, fault.verb === "pause", tick);
        break;
      case "slow":
        this.#setNode("slow", fault.node, fault.ms > 0, tick);
        break;
      case "cut":
      case "heal":
        this.#setLinks("cut", fault, fault.verb === "cut", tick);
        break;
      case "clog":
      case "unclog":
        this.#setLinks("clogged", fault, fault.verb === "clog", tick);
        break;
      case "link":
        this.#setLinks("changed", fault, true, tick);
        break;
      case "partition":
        this.#part(fault.groups, tick);
        break;
      default: // Crashes and restarts are told by the nodes themselves; a clock or a disk changes no line.
    }
  }

  #part(groups: readonly (readonly string[])[], tick: number): void {
    for (const [index, group] of groups.entries())
      for (const to of groups.slice(index + 1).flat())
        for (const from of group) {
          this.#setLinks("cut", { from, to }, true, tick);
          this.#setLinks("cut", { from: to, to: from }, true, tick);
        }
  }

  #setNode(kind: NodeState["kind"], node: string, isOn: boolean, tick: number): void {
    this.#set(`${kind} ${node}`, isOn ? { kind, node, fromTick: tick, toTick: tick } : undefined, tick);
  }

  #setLinks(kind: LinkState["kind"], ends: { from?: string; to?: string }, isOn: boolean, tick: number): void {
    for (const from of this.#namesOf(ends.from))
      for (const to of this.#namesOf(ends.to)) {
        if (from === to) continue;
        this.#set(`${kind} ${from}>${to}`, isOn ? { kind, from, to, fromTick: tick, toTick: tick } : undefined, tick);
      }
  }

  #namesOf(name = "*"): readonly string[] {
    return name === "*" ? this.#names : [name];
  }

  #set(key: string, state: Open | undefined, tick: number): void {
    const open = this.#open.get(key);
    if (state !== undefined) {
      if (open === undefined) this.#open.set(key, state);
      return;
    }
    if (open === undefined) return;
    this.#open.delete(key);
    this.#ended.push({ ...open, toTick: tick });
  }

  #endAll(tick: number): void {
    for (const key of [...this.#open.keys()]) this.#set(key, undefined, tick);
  }
}

/** The fault that a line tells; undefined for what is not one that somebody asked for, such as a connection that breaks. */
function faultOf(text: string): Fault | undefined {
  try {
    return readFault(text);
  } catch {
    return undefined;
  }
}
