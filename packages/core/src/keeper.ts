import { acknowledge, refuse } from "./answer.ts";
import type { Clock } from "./clock.ts";
import type { MethodContract } from "./contract.ts";
import type { Envelope, Head } from "./envelope.ts";
import type { Instance } from "./instance.ts";
import type { DeadLetter, Journal, KeptEntry } from "./journal.ts";
import { KEPT_REPEATS_MAX } from "./limits.ts";
import type { Log } from "./log.ts";
import { MessageContext } from "./message-context.ts";
import { failure, isOrreryError, OrreryError } from "./orrery-error.ts";
import { pickInstance } from "./pick-instance.ts";
import type { Port } from "./port.ts";
import type { Replicas } from "./replicas.ts";
import { messageOf } from "./thrown-text.ts";
import { createPacketReader, createPacketWriter, encodePacket } from "./wire/packet.ts";

/** A message at an instance, as far as the journal is concerned. */
export interface Kept {
  /** Number in the journal; 0 until it is safe there. */
  id: number;
  readonly bytes: Uint8Array;
  repeats: number;
  /** Whether this is not the first time that it is given to an instance. */
  readonly isRepeat: boolean;
  /** Whether the instance that it came to is no more. */
  isLeft: boolean;
}

/** A dead letter as people want to see it. */
export interface DeadMessage {
  /** Number in the journal. */
  readonly id: number;
  /** Empty, as is what follows, where the message cannot be read. */
  readonly component: string;
  readonly method: string;
  readonly agent: string;
  /** Node and id. */
  readonly flow: string;
  readonly idempotencyKey: string;
  readonly why: string;
  /** Media type of the body; empty for protobuf. */
  readonly contentType: string;
  /** As it was accepted. */
  readonly body: Uint8Array;
}

/** Options of a keeper. */
export interface KeeperOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly find: (component: string) => Replicas | undefined;
}

/**
 * What lets messages outlive instances and processes. Owns: what the journal holds and no instance has.
 * I1: a message is acknowledged after it is safe, never before. I2: what is safe goes to one instance after the other until its handling
 * ends, or has been begun again `KEPT_REPEATS_MAX` times. I3: those that wait here go in the order in which they were accepted.
 */
export interface Keeper {
  /** Gives what an earlier life left to the instances. @throws OrreryError `data_loss` when the journal cannot be read. */
  recall(): Promise<void>;
  /** Keeps a message and then acknowledges it, or refuses it. */
  keep(message: MessageContext): Promise<void>;
  /** Notes that a message is begun, where that must be known before. */
  begin(message: MessageContext): Promise<void> | undefined;
  /** Lets go of a message whose handler has ended. */
  end(message: MessageContext): void;
  /** Sets a message aside that cannot be handled. */
  setAside(message: MessageContext, why: string): void;
  /** Takes back what an instance that is no more had, the oldest first. */
  takeBack(messages: readonly MessageContext[]): void;
  /** Gives what was taken back to instances of a component that can take it. */
  resume(component: string): void;
  deadMessages(): Promise<readonly DeadMessage[]>;
  /** Gives a message that was set aside to an instance again, as if it came anew; it gets a number of its own. @throws OrreryError as the node. */
  retryDeadMessage(id: number): Promise<void>;
  /** Lets go of a message that was set aside. @throws OrreryError `not_found` for a number that none has. */
  dropDeadMessage(id: number): Promise<void>;
  close(): Promise<void>;
}

/** Makes a keeper. */
export function createKeeper(options: KeeperOptions): Keeper {
  return new JournalKeeper(options);
}

/** The port of a message whose sender was told all that it is told, in a life before or by an instance before. */
const NOBODY: Port = { carriesValues: false, link: undefined, send: () => "accepted" };

class JournalKeeper implements Keeper {
  readonly #options: KeeperOptions;
  /** Those that no instance has, by component. */
  readonly #waiting = new Map<string, KeptEntry[]>();
  /** Dead letters that are being retried or dropped. */
  readonly #settling = new Set<number>();

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  async recall(): Promise<void> {
    const { journal, log, find } = this.#options;
    const { entries, damage } = await journal.recall();
    for (const what of damage) log.error("journal damaged", { what });
    for (const entry of entries) this.#wait(entry);
    if (entries.length > 0) log.info("kept messages recalled", { count: entries.length });
    for (const [component, { length }] of [...this.#waiting].map(([name, list]) => [name, list] as const)) {
      if (find(component) === undefined)
        log.warn("kept messages of a component that is not here", { component, count: length });
      else this.resume(component);
    }
  }

  async keep(message: MessageContext): Promise<void> {
    const { journal } = this.#options;
    try {
      const kept: Kept = { id: 0, bytes: encode(message), repeats: 0, isRepeat: false, isLeft: false };
      message.kept = kept;
      kept.id = await journal.keep(kept.bytes);
      acknowledge(message); // I1
      if (kept.isLeft) this.#giveOn(message.head.component, kept);
    } catch (error) {
      message.kept = undefined;
      refuse(message, this.#refusal(message, error));
    }
  }

  begin({ kept, log }: MessageContext): Promise<void> | undefined {
    if (kept === undefined || !kept.isRepeat) return undefined;
    kept.repeats++;
    return this.#mark(kept.id, "begun", log);
  }

  end({ kept, log }: MessageContext): void {
    if (kept !== undefined) void this.#mark(kept.id, "ended", log);
  }

  setAside({ kept, head }: MessageContext, why: string): void {
    if (kept !== undefined) this.#bury(kept.id, head, why);
  }

  takeBack(messages: readonly MessageContext[]): void {
    for (const message of messages) {
      const { kept } = message;
      if (kept === undefined) continue;
      message.kept = undefined;
      if (kept.id === 0) kept.isLeft = true;
      else this.#wait(kept, message.head.component); // I3
    }
  }

  resume(component: string): void {
    const waiting = this.#waiting.get(component);
    const replicas = this.#options.find(component);
    if (waiting === undefined || replicas === undefined || replicas.draining) return;
    while (waiting[0] !== undefined && this.#place(waiting[0], replicas)) waiting.shift();
    if (waiting.length === 0) this.#waiting.delete(component);
  }

  async deadMessages(): Promise<readonly DeadMessage[]> {
    return (await this.#options.journal.deadLetters()).map(describeDead);
  }

  retryDeadMessage(id: number): Promise<void> {
    return this.#settle(id, "retry", async (letter) => {
      const { journal, find, log } = this.#options;
      const { head, ...envelope } = decode(letter);
      const replicas = head && find(head.component);
      if (head === undefined || replicas === undefined) {
        const text = `Cannot retry dead message ${id}: its component "${head?.component ?? ""}" does not run here`;
        throw new OrreryError("failed_precondition", text);
      }
      replicas.method({ ...envelope, head }, head); // Throws what would set it aside again.
      const kept = await journal.keep(letter.bytes); // It is twice on the disk for a moment, never not at all.
      await this.#mark(id, "ended", log);
      this.#wait({ id: kept, bytes: letter.bytes, repeats: 0 }, head.component);
      this.resume(head.component);
    });
  }

  dropDeadMessage(id: number): Promise<void> {
    return this.#settle(id, "drop", () => this.#options.journal.mark(id, "ended"));
  }

  close(): Promise<void> {
    return this.#options.journal.close();
  }

  /** Does one thing at a time with a dead letter. */
  async #settle(id: number, doing: string, settle: (letter: DeadLetter) => Promise<void>): Promise<void> {
    const dead = (await this.#options.journal.deadLetters()).filter((letter) => !this.#settling.has(letter.id));
    const letter = dead.find((one) => one.id === id);
    if (letter === undefined) throw noDeadMessage(id, { doing, dead: dead.map((one) => one.id) });
    this.#settling.add(id);
    try {
      await settle(letter);
    } finally {
      this.#settling.delete(id);
    }
  }

  #wait(entry: KeptEntry, component = componentOf(entry)): void {
    const list = this.#waiting.get(component) ?? [];
    list.push({ id: entry.id, bytes: entry.bytes, repeats: entry.repeats });
    this.#waiting.set(component, list);
  }

  #giveOn(component: string, kept: Kept): void {
    this.#wait(kept, component);
    this.resume(component);
  }

  /** Gives a message to an instance, or sets it aside; false where there is none to take it. */
  #place(entry: KeptEntry, replicas: Replicas): boolean {
    const { head, ...envelope } = decode(entry);
    if (head === undefined) return this.#bury(entry.id, undefined, "it has no head");
    if (entry.repeats >= KEPT_REPEATS_MAX)
      return this.#bury(entry.id, head, `its handling was begun again ${entry.repeats} times and never ended`);
    const own: Envelope = { ...envelope, head, attempt: envelope.attempt + entry.repeats + 1 };
    let method: MethodContract;
    try {
      method = replicas.method(own, head);
    } catch (error) {
      return this.#bury(entry.id, head, messageOf(error));
    }
    let instance: Instance;
    try {
      instance = pickInstance(own, head, replicas);
    } catch {
      return false;
    }
    const message = new MessageContext(instance.host, own, head, method, NOBODY);
    message.kept = { ...entry, isRepeat: true, isLeft: false }; // I2
    message.acknowledged = true;
    message.note("received");
    instance.queue.acceptKept(message);
    return true;
  }

  #bury(id: number, head: Head | undefined, why: string): true {
    const { log } = this.#options;
    const method = head === undefined ? "" : nameOf(head);
    log.error("kept message set aside", { method, id, why });
    void this.#mark(id, { dead: why }, log);
    return true;
  }

  async #mark(id: number, mark: Parameters<Journal["mark"]>[1], log: Log): Promise<void> {
    try {
      await this.#options.journal.mark(id, mark);
    } catch (error) {
      // At worst the message is handled once more.
      log.warn("journal took no mark", { id, error: messageOf(error) });
    }
  }

  #refusal({ head, instance: where }: MessageContext, error: unknown): OrreryError {
    if (!isOrreryError(error) || error.code === "data_loss") {
      const text = `Cannot tell whether "${nameOf(head)}" is kept: ${messageOf(error)}`;
      this.#options.log.error("journal failed", { error: messageOf(error) });
      return failure("not_kept", text, { where, cause: error });
    }
    if (error.code !== "resource_exhausted") return failure("malformed", error.message, { where, cause: error });
    const text = `Cannot accept "${nameOf(head)}": ${error.message}`;
    return failure("overloaded", text, { where, details: { check: "journal" }, cause: error });
  }
}

function encode({ envelope, method }: MessageContext): Uint8Array {
  const { bytes, value } = envelope;
  const own = bytes === undefined ? { ...envelope, value: undefined, bytes: method.request.encode(value) } : envelope;
  return encodePacket(createPacketWriter(), [own], 0);
}

/** Gives the message as it was accepted, for whichever instance there is now. The bytes are a copy: a handler may write to its own. */
function decode({ bytes }: Pick<KeptEntry, "bytes">): Envelope {
  const found: Envelope[] = [];
  createPacketReader().read(bytes.slice(), 0, {
    envelope: (envelope) => found.push(envelope),
    control: () => undefined,
  });
  const [envelope] = found;
  if (envelope === undefined) throw new Error("it is of a kind that this version does not know");
  const { head } = envelope;
  // The instance that it named is gone, and where it may go was looked at when it was accepted.
  return head === undefined
    ? envelope
    : { ...envelope, head: { ...head, instance: "", version: "", horizon: undefined } };
}

function componentOf(entry: KeptEntry): string {
  try {
    return decode(entry).head?.component ?? "";
  } catch {
    return "";
  }
}

function describeDead({ id, bytes, why }: DeadLetter): DeadMessage {
  try {
    const { head, flow, id: number, idempotencyKey, bytes: body = new Uint8Array() } = decode({ bytes });
    const { component = "", method = "", agent = "", contentType = "", source } = head ?? {};
    const own = flow === undefined ? `${source?.node ?? ""}/${number}` : `${flow.node}/${flow.id}`;
    return { id, component, method, agent, flow: own, idempotencyKey, why, contentType, body };
  } catch (error) {
    const nothing = { component: "", method: "", agent: "", flow: "", idempotencyKey: "", contentType: "" };
    return { id, ...nothing, body: new Uint8Array(), why: `${why}; it cannot be read, ${messageOf(error)}` };
  }
}

/** The error of a number that no message that was set aside has. */
export function noDeadMessage(
  id: number,
  { doing, dead }: { readonly doing: string; readonly dead: readonly number[] },
): OrreryError {
  const known =
    dead.length === 0 ? "none is set aside" : `those that are set aside are ${dead.slice(0, 10).join(", ")}`;
  return new OrreryError("not_found", `Cannot ${doing} dead message ${id}: ${known}`);
}

function nameOf({ component, method }: Head): string {
  return `${component}.${method}`;
}
