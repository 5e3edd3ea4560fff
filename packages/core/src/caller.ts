import { noteEnd } from "./bounces.ts";
import { createCallTable } from "./call-table.ts";
import type { Clock } from "./clock.ts";
import type { MethodContract } from "./contract.ts";
import { createDeadlines, type DeadlineEntry, type Deadlines } from "./deadlines.ts";
import { createEnvelope, type Envelope, type FlowRef, type Head, Kind } from "./envelope.ts";
import type { Guard, RefusalCheck } from "./guard.ts";
import { BODY_BYTES_MAX, CALLS_OPEN_MAX } from "./limits.ts";
import type { MessageWatch, Parent } from "./message-events.ts";
import { failure, isOrreryError, type OrreryError } from "./orrery-error.ts";
import type { Port, PortResult } from "./port.ts";
import { messageOf } from "./thrown-text.ts";
import type { Link } from "./transport.ts";
import { failureFromWire } from "./wire-failure.ts";

/** What one open exchange does with what comes back. */
export interface OpenCall extends DeadlineEntry {
  readonly envelope: Envelope;
  readonly port: Port;
  /** Message that was being handled when the call was made; its cancellation cancels the call. */
  readonly parent: Parent | undefined;
  /** What the guard holds for it. */
  held?: unknown;
  /** What the watch keeps with it. */
  noted?: unknown;
  /** Takes a reply, item or end. Called until the exchange is closed. */
  receive(envelope: Envelope): void;
  /** Takes the value of a reply that needed no envelope. */
  take(value: unknown): void;
  /** Ends the exchange with an error. */
  fail(error: OrreryError): void;
}

/** Options of a caller. */
export interface CallerOptions {
  readonly clock: Clock;
  /** Name of the node, for errors. */
  readonly node: string;
  /** How finely deadlines are told apart, in ms. */
  readonly deadlineStepMs?: number;
  /** Told of the node's messages; absent where nobody listens. */
  readonly watch?: MessageWatch | undefined;
  /** Told of each message that is sent and of its end; absent where nothing is limited by how calls go. */
  readonly guard?: Guard | undefined;
}

/** Counters of a caller. */
export interface CallerCounts {
  readonly open: number;
  /** Replies that came after their call had ended. */
  readonly late: number;
}

/**
 * Everything that a node has asked of others and not yet been answered. Owns: message ids, the table of open calls, their deadlines.
 * I1: every call that is opened ends exactly once: by a reply, an error from the peer, its deadline, a lost link, its caller, or close.
 * I2: only the link that a call went to can answer it. I3: at most `CALLS_OPEN_MAX` are open. I4: ids are never used twice.
 */
export interface Caller {
  readonly clock: Clock;
  readonly node: string;
  readonly deadlines: Deadlines;
  readonly counts: CallerCounts;
  readonly watch: MessageWatch | undefined;
  nextId(): number;
  /** Registers and sends a call; afterwards it ends through `receive` or `fail`. */
  open(call: OpenCall): void;
  /** Sends what nobody answers: it counts against limits, and is let go where they refuse it. Gives why it was not sent. */
  publish(port: Port, envelope: Envelope, parent: Parent | undefined): PortResult | RefusalCheck;
  /** Forgets a call that has ended; with an error, unless it was answered. */
  close(call: OpenCall, error?: OrreryError): void;
  /** Ends a call that its caller gave up, and tells the peer if the message may have left; `why` is the reason of the signal that said so. */
  cancel(call: OpenCall, why?: unknown): void;
  /** Ends the calls that were made while handling a message. */
  cancelChildren(parent: object): void;
  /** Open calls of a flow. */
  inFlow(flow: FlowRef): readonly OpenCall[];
  /** Names of the methods of open calls that an instance has made. */
  openFrom(instance: string): readonly string[];
  /** Takes a reply, item or end that came from a port. */
  receive(port: Port, envelope: Envelope): void;
  /** Takes the value that answers a call, handed over within the node. */
  answer(port: Port, id: number, value: unknown): void;
  /** Tells once when all that is open over a link now has ended; never, where the link is gone before. */
  whenSettled(link: Link, onSettled: () => void): void;
  /** Ends what was under way on a link that is gone. */
  linkLost(link: Link, reason: string): void;
  /** Ends everything; nothing can be opened any more. */
  shutdown(): void;
}

/** Calls that were open over a link when its peer asked, and have not ended. */
interface Settling {
  readonly open: Set<OpenCall>;
  readonly onSettled: () => void;
}

/** Makes a caller. */
export function createCaller(options: CallerOptions): Caller {
  return new TableCaller(options);
}

class TableCaller implements Caller {
  readonly clock: Clock;
  readonly node: string;
  readonly deadlines: Deadlines;
  readonly watch: MessageWatch | undefined;
  readonly #guard: Guard | undefined;
  readonly #open = createCallTable<OpenCall>();
  /** Links whose peers wait until what is open there has ended. */
  readonly #settling = new Map<Link, Settling>();
  #lastId = 0;
  #late = 0;
  /** When the answer came that is being taken, for who watches; 0 for none. */
  #heardMs = 0;
  #closed = false;

  constructor(options: CallerOptions) {
    this.clock = options.clock;
    this.node = options.node;
    this.watch = options.watch;
    this.#guard = options.guard;
    this.deadlines = createDeadlines(options.clock, options.deadlineStepMs);
  }

  get counts(): CallerCounts {
    return { open: this.#open.size, late: this.#late };
  }

  nextId(): number {
    return ++this.#lastId; // I4
  }

  open(call: OpenCall): void {
    const { envelope } = call;
    const refused = this.#refusal(call);
    if (refused !== undefined) {
      if (envelope.head !== undefined) this.watch?.refused?.(envelope.head, refused);
      call.fail(refused);
      return;
    }
    this.#open.add(call);
    if (call.port.inFlight !== undefined) call.port.inFlight++;
    if (envelope.deadlineMs !== 0) this.deadlines.add(call, envelope.deadlineMs);
    if (this.watch !== undefined) call.noted = this.watch.queued(envelope, call.parent);
    if (this.#guard !== undefined) call.held = this.#guard.took(call.port, envelope);
    const sent = call.port.send(envelope);
    if (sent !== "accepted") this.#end(call, refusal(sent, call, this.node));
  }

  publish(port: Port, envelope: Envelope, parent: Parent | undefined): PortResult | RefusalCheck {
    const { head } = envelope;
    const guard = this.#guard;
    const refused = head === undefined ? undefined : guard?.refusal(port, head, envelope);
    if (refused !== undefined && head !== undefined) {
      guard?.refused(refused, head);
      return refused.check;
    }
    this.watch?.queued(envelope, parent);
    const held = guard?.took(port, envelope);
    const sent = port.send(envelope);
    guard?.ended(port, envelope, undefined, held);
    return sent;
  }

  close(call: OpenCall, error?: OrreryError): void {
    this.deadlines.remove(call);
    if (!this.#open.remove(call)) return;
    if (this.#settling.size > 0) this.#settle(call);
    if (call.port.inFlight !== undefined) {
      call.port.inFlight--;
      if (error !== undefined || call.port.bounces !== undefined) noteEnd(call, error, this.clock);
    }
    this.#guard?.ended(call.port, call.envelope, error, call.held);
    this.watch?.closed?.(call.envelope, error, call.noted, this.#heardMs);
  }

  cancel(call: OpenCall, why?: unknown): void {
    if (this.#open.get(call.envelope.id) !== call) return;
    const { left } = call.envelope;
    if (left) call.port.send(createEnvelope(Kind.cancel, call.envelope.id));
    else call.envelope.deadlineMs = LONG_PAST;
    this.#end(call, givenUp(call, why, this.node));
  }

  cancelChildren(parent: object): void {
    for (const call of this.#open.all()) if (call.parent === parent) this.cancel(call);
  }

  inFlow({ id, node }: FlowRef): readonly OpenCall[] {
    return this.#open.all().filter(({ envelope: { flow } }) => flow?.id === id && flow.node === node);
  }

  openFrom(instance: string): readonly string[] {
    const heads = this.#open.all().map(({ envelope }) => envelope.head);
    return heads.flatMap((head) => (head?.source.instance === instance ? `${head.component}.${head.method}` : []));
  }

  receive(port: Port, envelope: Envelope): void {
    const call = this.#open.get(envelope.id);
    if (call === undefined || call.port.link !== port.link) {
      this.#late++; // I2
      return;
    }
    this.#heardMs = this.watch === undefined ? 0 : (port.link?.heardMs ?? 0);
    const { sealing } = call.envelope;
    if (sealing !== undefined && !sealing.open(envelope)) this.#distrust(call, sealing.name);
    else call.receive(envelope);
    this.#heardMs = 0;
  }

  answer(port: Port, id: number, value: unknown): void {
    const call = this.#open.get(id);
    if (call === undefined || call.port.link !== port.link)
      this.#late++; // I2
    else call.take(value);
  }

  whenSettled(link: Link, onSettled: () => void): void {
    const open = new Set(this.#open.all().filter((call) => call.port.link === link));
    if (open.size === 0) onSettled();
    else this.#settling.set(link, { open, onSettled });
  }

  linkLost(link: Link, reason: string): void {
    this.#settling.delete(link);
    for (const call of this.#open.all()) {
      if (call.port.link !== link) continue;
      // A link going out comes up again, and then sends what has not left; a call that has left is lost.
      if (!call.envelope.left && link.direction === "out") continue;
      const message = `Cannot finish ${nameOf(call)}: the connection to "${link.remote}" was lost (${reason})`;
      this.#end(call, failure(call.envelope.left ? "connection_lost" : "not_connected", message, { where: this.node }));
    }
  }

  shutdown(): void {
    this.#closed = true;
    for (const call of this.#open.all()) {
      const { left } = call.envelope;
      if (!left) call.envelope.deadlineMs = LONG_PAST;
      const text = `Cannot finish ${nameOf(call)}: node "${this.node}" closed`;
      this.#end(call, failure(left ? "closed" : "withdrawn", text, { where: this.node }));
    }
    this.deadlines.close();
  }

  #refusal(call: OpenCall): OrreryError | undefined {
    if (!this.#closed && this.#open.size < CALLS_OPEN_MAX) return undefined; // I3
    const where = { where: this.node };
    if (this.#closed) return failure("withdrawn", `Cannot call ${nameOf(call)}: node "${this.node}" is closed`, where);
    const text = `Cannot call ${nameOf(call)}: ${CALLS_OPEN_MAX} calls are open, wait for some`;
    return failure("overloaded", text, where);
  }

  #settle(call: OpenCall): void {
    for (const [link, { open, onSettled }] of this.#settling) {
      if (!open.delete(call) || open.size > 0) continue;
      this.#settling.delete(link);
      onSettled();
    }
  }

  /** Ends a call whose answer is not what its receiver sealed: nobody knows who wrote it. */
  #distrust(call: OpenCall, seal: string): void {
    if (call.envelope.kind === Kind.streamOpen) call.port.send(createEnvelope(Kind.cancel, call.envelope.id));
    const text = `Cannot read the answer of ${nameOf(call)}: it is not sealed by "${seal}" for this call, or was changed on its way`;
    this.#end(call, failure("bad_seal_reply", text, { where: this.node }));
  }

  #end(call: OpenCall, error: OrreryError): void {
    if (this.#open.get(call.envelope.id) !== call) return; // I1: it ended while it was being sent.
    this.close(call, error);
    call.fail(error);
  }
}

/** As a message's deadline: a carrier that still holds it drops it unsent. */
const LONG_PAST = Number.MIN_VALUE;

/** The error of a call whose deadline has passed. */
export function timeoutOf(call: OpenCall, node: string): OrreryError {
  const within = `within ${Math.round(call.envelope.budgetMs)} ms`;
  if (call.envelope.left)
    return failure("timeout", `Cannot finish ${nameOf(call)}: no answer ${within}`, { where: node });
  const { remote, trouble } = call.port.link ?? { remote: "this process", trouble: "" };
  const why = trouble ? `; ${trouble}` : "";
  const text = `Cannot reach "${remote}" for ${nameOf(call)}: nothing could be sent ${within}${why}`;
  return failure("not_connected", text, { where: node });
}

/** The error of a call that its caller gave up: where that was because its own time was over, it is the same for what it waits for. */
function givenUp(call: OpenCall, why: unknown, node: string): OrreryError {
  const { left } = call.envelope;
  const where = { where: node };
  if (isOrreryError(why) && why.code === "deadline_exceeded") {
    const text = `Cannot finish ${nameOf(call)}: the time of its caller is over`;
    return failure(left ? "timeout" : "expired", text, where);
  }
  return failure(left ? "cancelled" : "withdrawn", `Cannot finish ${nameOf(call)}: its caller gave up`, where);
}

/** The error that a reply or stream end carries. */
export function errorOf(envelope: Envelope): OrreryError | undefined {
  return envelope.failure === undefined ? undefined : failureFromWire(envelope.failure);
}

/** Reads the body of a reply or item as the caller's contract has it. */
export function readReply(method: MethodContract, envelope: Envelope): unknown | Promise<unknown> {
  try {
    return checkReply(method, envelope.bytes === undefined ? envelope.value : method.reply.decode(envelope.bytes));
  } catch (thrown) {
    throw undecodable(method, thrown);
  }
}

/** Checks a reply's value against the caller's contract. @throws OrreryError `undecodable_reply`. */
export function checkReply(method: MethodContract, value: unknown): unknown | Promise<unknown> {
  if (method.reply.check === undefined) return value;
  try {
    const checked = method.reply.check(value);
    if (!(checked instanceof Promise)) return checked;
    return checked.catch((thrown: unknown) => Promise.reject(undecodable(method, thrown)));
  } catch (thrown) {
    throw undecodable(method, thrown);
  }
}

/** Writes a request into its envelope in the form that the port carries. @throws OrreryError `malformed` or `too_large`. */
export function writeRequest(envelope: Envelope, port: Port, method: MethodContract, request: unknown): void {
  if (port.carriesValues) {
    envelope.value = method.request.copy(request);
    return;
  }
  const bytes = method.request.encode(request);
  if (bytes.length > BODY_BYTES_MAX) {
    throw failure(
      "too_large",
      `Cannot send "${method.name}": its body has ${bytes.length} bytes, the limit is ${BODY_BYTES_MAX}`,
    );
  }
  envelope.bytes = bytes;
}

function undecodable(method: MethodContract, thrown: unknown): OrreryError {
  if (isOrreryError(thrown) && thrown.reason === "undecodable_reply") return thrown;
  const why = messageOf(thrown);
  return failure("undecodable_reply", `Cannot read the reply of "${method.name}": ${why}`, { cause: thrown });
}

function refusal(sent: PortResult, call: OpenCall, node: string): OrreryError {
  const remote = call.port.link?.remote ?? "this process";
  switch (sent) {
    case "overloaded":
      return failure("overloaded", `Cannot call ${nameOf(call)}: the queue to "${remote}" is full, slow down or wait`, {
        where: node,
      });
    case "leaving":
      return failure("draining", `Cannot call ${nameOf(call)}: the node at "${remote}" is shutting down`, {
        where: node,
      });
    case "too_large":
      return failure(
        "too_large",
        `Cannot call ${nameOf(call)}: the message is larger than the carrier to "${remote}" takes`,
        { where: node },
      );
    default:
      return failure("not_connected", `Cannot call ${nameOf(call)}: the connection to "${remote}" is closed`, {
        where: node,
      });
  }
}

function nameOf(call: OpenCall): string {
  const head: Head | undefined = call.envelope.head;
  return `"${head?.component ?? ""}.${head?.method ?? ""}"`;
}
