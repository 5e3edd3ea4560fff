import type { TraceRecord, TraceWhat } from "../trace/trace.ts";
import { endTickOf, type Recording } from "./recording.ts";

/** What one receiver did with a message. Times are ticks; one that was not reached is undefined. */
export interface Handling {
  readonly node: string;
  /** Empty where no instance took it. */
  readonly instance: string;
  readonly receivedTick: number;
  readonly startedTick: number | undefined;
  /** End of the handler, or the crash of its node. */
  readonly endedTick: number | undefined;
  /** When its answer was handed to the carrier. */
  readonly repliedTick: number | undefined;
  /** `reply` or a kind of failure; `crashed` where its node crashed meanwhile; empty while it goes on. */
  readonly outcome: string;
}

/** One message of a run, from its sender to its receivers and back. Times are ticks; one that was not reached is undefined. */
export interface RunMessage {
  /** As the trace names it by its sender. */
  readonly key: string;
  readonly component: string;
  readonly method: string;
  readonly mode: string;
  /** `node/id`. */
  readonly flow: string;
  /** Key of the message that was being handled when this one was sent; empty for none. */
  readonly parent: string;
  readonly node: string;
  /** Empty for the node itself. */
  readonly instance: string;
  readonly queuedTick: number;
  readonly sentTick: number | undefined;
  readonly returnedTick: number | undefined;
  /** What its sender learned: `reply` or a kind of failure; empty while it waits. */
  readonly outcome: string;
  /** Its receivers, in the order in which it came to them; none where it never arrived. */
  readonly handlings: readonly Handling[];
  /** Where it was lost on its way, if it was. */
  readonly losses: readonly Loss[];
}

/** A frame that never arrived. */
export interface Loss {
  readonly tick: number;
  readonly from: string;
  readonly to: string;
  /** `lost`, `dropped`, `damaged`. */
  readonly why: string;
}

type Open<T> = { -readonly [K in keyof T]: T[K] };
type OpenMessage = Open<Omit<RunMessage, "handlings" | "losses">> & { handlings: Open<Handling>[]; losses: Loss[] };

/** Gathers the messages of a run, in the order in which they were queued. A flow limits it to that one. */
export function messagesOf(recording: Recording, flow?: string): readonly RunMessage[] {
  const gathering = new Gathering();
  for (const record of recording.records) if (flow === undefined || fits(record, flow)) gathering.take(record);
  return gathering.messages();
}

/** End of what is still going on when a recording ends, in ticks. */
export function openEndOf(recording: Recording): number {
  return endTickOf(recording);
}

function fits({ kind, flow }: TraceRecord, wanted: string): boolean {
  return flow === wanted || kind === "life";
}

class Gathering {
  readonly #messages = new Map<string, OpenMessage>();
  /** Handlers under way, by node. */
  readonly #going = new Map<string, Set<Open<Handling>>>();

  messages(): readonly RunMessage[] {
    return [...this.#messages.values()];
  }

  take(record: TraceRecord): void {
    const { kind, what, node, tick } = record;
    if (kind === "life" && what?.step === "crash") this.#crash(node, tick);
    else if (kind === "span" && what !== undefined) this.#span(record, what);
    else if (kind === "lost" && what?.message !== undefined)
      this.#messages.get(what.message)?.losses.push({ tick, from: node, to: what.to ?? "", why: what.step });
  }

  #span(record: TraceRecord, what: TraceWhat): void {
    const { node, tick, flow } = record;
    const { step, message: key = "", component = "", method = "", mode = "", instance = "", parent = "" } = what;
    if (step === "queued") {
      const sender = { key, component, method, mode, flow, parent, node, instance, queuedTick: tick };
      const open = { sentTick: undefined, returnedTick: undefined, outcome: "" };
      if (!this.#messages.has(key)) this.#messages.set(key, { ...sender, ...open, handlings: [], losses: [] });
      return;
    }
    const message = this.#messages.get(key);
    if (message === undefined) return;
    if (step === "sent") message.sentTick ??= tick;
    else if (step === "returned") {
      message.returnedTick = tick;
      message.outcome = what.outcome ?? "";
    } else this.#handle(message, record, what);
  }

  #handle(
    { handlings }: OpenMessage,
    { node, tick }: TraceRecord,
    { step, instance = "", outcome = "" }: TraceWhat,
  ): void {
    if (step === "received") {
      const open = { startedTick: undefined, endedTick: undefined, repliedTick: undefined, outcome: "" };
      handlings.push({ node, instance, receivedTick: tick, ...open });
      return;
    }
    const field = STEP_TICKS[step];
    const mine = handlings.filter((one) => one.node === node && one.instance === instance);
    const handling = mine.find((one) => field !== undefined && one[field] === undefined && one.outcome !== "crashed");
    if (handling === undefined || field === undefined) return;
    handling[field] = tick;
    if (outcome !== "") handling.outcome = outcome;
    const going = this.#going.get(node) ?? new Set();
    this.#going.set(node, going);
    if (step === "started") going.add(handling);
    else going.delete(handling);
  }

  #crash(node: string, tick: number): void {
    for (const handling of this.#going.get(node) ?? []) {
      handling.endedTick = tick;
      handling.outcome = "crashed";
    }
    this.#going.delete(node);
  }
}

const STEP_TICKS: Readonly<Record<string, "startedTick" | "endedTick" | "repliedTick" | undefined>> = {
  started: "startedTick",
  ended: "endedTick",
  replied: "repliedTick",
};

/** One way of a message: to a receiver, or back with its answer. */
export interface Leg {
  readonly kind: "request" | "reply";
  readonly message: RunMessage;
  readonly from: Station;
  readonly to: Station;
  readonly sentTick: number;
  /** Undefined where it did not arrive, as far as is known. */
  readonly arrivedTick: number | undefined;
  /** How it went where that is told: the outcome of an answer, why a request was lost. */
  readonly outcome: string;
}

/** A place at which messages begin and end. */
export interface Station {
  readonly node: string;
  /** Empty for the node itself. */
  readonly instance: string;
}

/** Every way that messages went, in the order of their arrivals; one that did not arrive stands where it began. */
export function legsOf(messages: readonly RunMessage[]): readonly Leg[] {
  const legs = messages.flatMap((message) => [...requestsOf(message), ...replyOf(message)]);
  const at = ({ arrivedTick, sentTick }: Leg) => arrivedTick ?? sentTick;
  return legs.toSorted((a, b) => at(a) - at(b) || a.sentTick - b.sentTick);
}

function requestsOf(message: RunMessage): readonly Leg[] {
  const { handlings, losses, queuedTick, node, instance } = message;
  const sentTick = message.sentTick ?? queuedTick;
  const from = { node, instance };
  const arrived = handlings.map((handling): Leg => {
    const to = { node: handling.node, instance: handling.instance };
    return { kind: "request", message, from, to, sentTick, arrivedTick: handling.receivedTick, outcome: "" };
  });
  const lost = losses
    .filter((loss) => loss.from === node)
    .map((loss): Leg => {
      const to = { node: loss.to, instance: "" };
      return { kind: "request", message, from, to, sentTick: loss.tick, arrivedTick: undefined, outcome: loss.why };
    });
  return [...arrived, ...lost];
}

/** The answer that the sender got; or, where it got none, the first that was sent. */
function replyOf(message: RunMessage): readonly Leg[] {
  const { handlings, returnedTick, outcome, node, instance } = message;
  const handling = handlings.find(({ repliedTick }) => repliedTick !== undefined);
  if (handling?.repliedTick === undefined) return [];
  const from = { node: handling.node, instance: handling.instance };
  const isHeard = returnedTick !== undefined && returnedTick >= handling.repliedTick && outcome === handling.outcome;
  const arrivedTick = isHeard ? returnedTick : undefined;
  const to = { node, instance };
  return [{ kind: "reply", message, from, to, sentTick: handling.repliedTick, arrivedTick, outcome: handling.outcome }];
}
