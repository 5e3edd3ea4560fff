import { describeFrame, flowOf, sizeOf, whatOf } from "../network/frame.ts";
import { Phase } from "../order/event-key.ts";
import type { PlannedEvent } from "../order/event-queue.ts";
import { createHashChain, type HashChain } from "./hash-chain.ts";

/** What a line of a trace tells: an event of the world, or something that happened within one. */
export type TraceKind =
  | "delivery"
  | "timer"
  | "fault"
  | "test"
  | "control"
  | "lost"
  | "point"
  | "log"
  | "life"
  | "flow"
  | "span";

/** What a line tells field by field, where it is more than text. What is not said is absent. */
export interface TraceWhat {
  /**
   * Of a delivery what arrived (`request`, `reply`, `dial`, …), of a span how far the message is (`queued`, `sent`, `received`, `started`,
   * `ended`, `replied`, `returned`), of a flow `begin` or `end`, of a point its name, of a life `crash` or `restart`, of a lost message why.
   */
  readonly step: string;
  /** Message by its sender, as `node/instance#id` or, for one of a node itself, `node/incarnation#id`; `#id` alone where a frame does not name it. */
  readonly message?: string;
  /** Where a message that was lost was to go. */
  readonly to?: string;
  readonly component?: string;
  readonly method?: string;
  readonly mode?: string;
  /** Instance that sent or has the message. */
  readonly instance?: string;
  /** Message that was being handled when this one was sent; of a flow the flow that it is a sub-flow of. */
  readonly parent?: string;
  /** How it went: `reply`, a kind of failure, or how a flow ended. */
  readonly outcome?: string;
  /** Name of a flow, at its beginning. */
  readonly name?: string;
}

/** One line of a trace. */
export interface TraceRecord {
  /** Virtual time in µs since the world began. */
  readonly tick: number;
  readonly round: number;
  readonly phase: Phase;
  /** The event: what caused it, and its count among what that has caused. Names the event within its world. */
  readonly id: string;
  /** Counts what was noted within one event; 0 for the event itself. */
  readonly part: number;
  readonly kind: TraceKind;
  /** Where it happened; empty for the world. */
  readonly node: string;
  /** Who sent it; else empty. */
  readonly from: string;
  readonly text: string;
  /** `node/id`, or empty. */
  readonly flow: string;
  /** Bytes of the body. */
  readonly size: number;
  /** Tick at which it was sent, or planned. */
  readonly sent: number;
  /** Id of the event that led to it; empty for none. */
  readonly cause: string;
  /** Hash of what happened at the node up to here: 16 hex digits. */
  readonly hash: string;
  readonly what?: TraceWhat;
}

/** What is noted within an event. */
export interface TraceNote {
  readonly kind: TraceKind;
  /** Number of the node; 0 for the world. */
  readonly node: number;
  readonly text: string;
  readonly flow?: string;
  readonly from?: number;
  readonly size?: number;
  readonly what?: TraceWhat;
}

/** What happened in a world, and a hash of it: two runs with one hash went the same way. */
export interface Trace {
  /** 16 hex digits over all that happened so far. It does not depend on which process a node was in. */
  readonly hash: string;
  /** Lines so far, but for those of kind `life`, `point`, `flow` and `span`: they are there only for who looks, and not hashed. */
  readonly length: number;
  /** The lines, where they are kept, in their order. */
  readonly records: readonly TraceRecord[];
  /** Hash of what happened at each node, by name; that of the world itself by the empty one. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** How much of a trace there is: a hash, the lines as well, or nothing at all. */
export type TraceMode = "hash" | "keep" | "off";

/** A trace that is being written. */
export interface TraceWriter extends Trace {
  /** Whether anybody looks at lines, so that it is worth while to note what only they are for. */
  readonly isWatched: boolean;
  /** Notes an event that is about to run. */
  event(event: PlannedEvent): void;
  /** Notes something within the event that runs. */
  note(note: TraceNote): void;
}

/** Options of a trace. */
export interface TraceOptions {
  readonly mode: TraceMode;
  /** Names of nodes by number; the world is 0. */
  readonly nameOf: (node: number) => string;
  /** Virtual time, in ticks: what is noted between events has a later one than the event before. */
  readonly now: () => number;
  /** Told of each line. Default: nobody. */
  readonly onRecord?: ((record: TraceRecord) => void) | undefined;
}

/** Makes an empty trace. */
export function createTrace(options: TraceOptions): TraceWriter {
  return new ChainedTrace(options);
}

const KINDS: readonly TraceKind[] = ["control", "fault", "delivery", "timer", "test"];
/** What is noted in every run, and hashed. All else is there for who looks, and must not make a run another one. */
const HASHED: ReadonlyMap<TraceKind, number> = new Map([
  ["control", 0],
  ["fault", 1],
  ["delivery", 2],
  ["timer", 3],
  ["test", 4],
  ["lost", 5],
  ["log", 7],
]);

/**
 * Owns a hash chain for each node. I1: what is hashed of a line does not depend on the lines of other nodes. I2: the hash is the same
 * whether lines are kept, watched, or neither.
 */
class ChainedTrace implements TraceWriter {
  readonly #options: TraceOptions;
  readonly #chains: HashChain[] = [];
  readonly records: TraceRecord[] = [];
  #event: PlannedEvent | undefined;
  #parts = 0;
  length = 0;

  constructor(options: TraceOptions) {
    this.#options = options;
  }

  get hash(): string {
    const all = createHashChain();
    for (const [name, hash] of [...this.hashes].sort(([a], [b]) => (a < b ? -1 : 1))) all.text(name).text(hash);
    return all.hash;
  }

  get hashes(): ReadonlyMap<string, string> {
    const { nameOf } = this.#options;
    return new Map(this.#chains.map((chain, node) => [nameOf(node), chain.hash] as const));
  }

  get isWatched(): boolean {
    const { mode, onRecord } = this.#options;
    return mode === "keep" || (mode !== "off" && onRecord !== undefined);
  }

  event(event: PlannedEvent): void {
    this.#event = event;
    this.#parts = 0;
    const { mode, onRecord } = this.#options;
    if (mode === "off") return;
    this.length++;
    const { tick, round, phase, target, origin, sequence, causeOrigin, causeSequence, sentTick, frame, note } = event;
    const chain = this.#chain(target);
    chain.number(tick).number(round * 8 + phase);
    chain.number(origin).number(sequence).number(causeOrigin).number(causeSequence).number(sentTick);
    if (frame !== undefined) chain.frame(frame);
    if (note !== undefined) chain.text(note);
    if (mode !== "keep" && onRecord === undefined) return;
    this.#keep({
      part: 0,
      kind: KINDS[phase] ?? "test",
      node: this.#options.nameOf(target),
      from: origin === 0 || origin === target ? "" : this.#options.nameOf(origin),
      text: note ?? (frame === undefined ? "" : describeFrame(frame)),
      flow: frame === undefined ? "" : flowOf(frame),
      size: frame === undefined ? 0 : sizeOf(frame),
      hash: chain.hash,
      ...(frame !== undefined && { what: whatOf(frame) }),
    });
  }

  note({ kind, node, text, flow = "", from = 0, size = 0, what }: TraceNote): void {
    const { mode, onRecord, nameOf } = this.#options;
    if (mode === "off") return;
    const chain = this.#chain(node);
    const number = HASHED.get(kind);
    if (number !== undefined) {
      this.length++;
      chain.number(this.#options.now()).number(number); // I2
      chain.number(from).number(size).text(text).text(flow);
    }
    if (mode !== "keep" && onRecord === undefined) return;
    const part = ++this.#parts;
    const fromName = from === 0 ? "" : nameOf(from);
    const { hash } = chain;
    this.#keep({ part, kind, node: nameOf(node), from: fromName, text, flow, size, hash, ...(what && { what }) });
  }

  #keep(rest: Pick<TraceRecord, "part" | "kind" | "node" | "from" | "text" | "flow" | "size" | "hash" | "what">): void {
    const { mode, onRecord, nameOf } = this.#options;
    const { round = 0, phase = Phase.test, origin = 0, sequence = 0, sentTick = 0 } = this.#event ?? {};
    const { causeOrigin = 0, causeSequence = 0 } = this.#event ?? {};
    const record: TraceRecord = {
      tick: this.#options.now(),
      round,
      phase,
      id: `${nameOf(origin)}#${sequence}`,
      part: rest.part,
      kind: rest.kind,
      node: rest.node,
      from: rest.from,
      text: rest.text,
      flow: rest.flow,
      size: rest.size,
      sent: sentTick,
      cause: causeSequence === 0 ? "" : `${nameOf(causeOrigin)}#${causeSequence}`,
      hash: rest.hash,
      ...(rest.what && { what: rest.what }),
    };
    if (mode === "keep") this.records.push(record);
    onRecord?.(record);
  }

  #chain(node: number): HashChain {
    for (let index = this.#chains.length; index <= node; index++) this.#chains.push(createHashChain());
    return this.#chains[node] as HashChain;
  }
}
