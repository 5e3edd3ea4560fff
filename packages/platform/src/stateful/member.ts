import { type Clock, type Log, OrreryError } from "@orrery/core";
import { type GuestReply, type GuestRequest, STATE_SERVICE } from "@orrery/guest/abi";
import type { GuestHost } from "../cage/guest-host.ts";
import type { Mechtron } from "../cage/mechtron.ts";
import { type AskMember, type Ballot, createBallot } from "./ballot.ts";
import { RENEW_AFTER_SILENCES } from "./limits.ts";
import { openMessageState } from "./message-state.ts";
import { type Reign, takeOver } from "./reign.ts";
import type { Replica } from "./replica.ts";

/** A message for the mechtron, as it comes to a member. */
export interface MemberMessage {
  /** Who runs the code. */
  readonly mechtron: Mechtron;
  readonly request: GuestRequest;
  /** Gives the message up. Default: nobody does. */
  readonly signal?: AbortSignal;
  /** Answers what the mechtron calls, but for its state. */
  readonly host: GuestHost;
  /** Takes what it logs meanwhile. Default: the mechtron's log. */
  readonly log?: () => Log;
  /** Whether the member is to take over if another is the primary. */
  readonly isTakingOver: boolean;
}

/** One of those that keep the state of a mechtron, and one of which runs it. */
export interface Member {
  readonly ballot: Ballot;
  /** Epoch of its reign; 0 while another is the primary, or nobody. */
  readonly epoch: number;
  /**
   * Has the mechtron answer a message, and what it changed be kept, before it gives the reply. One at a time: whoever calls waits.
   * @throws OrreryError as the mechtron does; `aborted` with `fault` `not_primary` where it is not the primary, and nothing was done;
   * `unavailable` with `fault` `not_kept` or `uncertain` where what was changed is certainly not kept, or nobody knows.
   */
  handle(message: MemberMessage): Promise<GuestReply>;
}

/** What a member is made of. */
export interface MemberOptions {
  readonly name: string;
  readonly index: number;
  readonly count: number;
  readonly clock: Clock;
  readonly silenceMs: number;
  readonly replica: Replica;
  /** Asks another member. */
  readonly ask: AskMember;
}

/** Makes a member on its replica. */
export function createMember(options: MemberOptions): Member {
  return new PrimaryOrNot(options);
}

/** What was wrong, in the details of an error. */
export type StateFault = "not_primary" | "not_kept" | "uncertain";

/** The fault that an error tells of; undefined for an error of another sort. */
export function faultIn(error: OrreryError): StateFault | undefined {
  const { fault } = error.details;
  return fault === "not_primary" || fault === "not_kept" || fault === "uncertain" ? fault : undefined;
}

/** Owns: its reign. I1: a reply is given when a majority has what was changed, or has confirmed that nothing newer is there. */
class PrimaryOrNot implements Member {
  readonly ballot: Ballot;
  readonly #options: MemberOptions;
  #reign: Reign | undefined;
  #mechtron: Mechtron | undefined;
  #renewedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: MemberOptions) {
    const { index, count, replica, ask } = options;
    this.#options = options;
    this.ballot = createBallot(count, options.clock, (at, what) => (at === index ? replica.ask(what) : ask(at, what)));
    const { promised, snapshot } = replica;
    this.ballot.learn({ seen: promised, reigning: snapshot.position.epoch });
  }

  get epoch(): number {
    return this.#reign?.epoch ?? 0;
  }

  async handle({ mechtron, request, signal, host, log, isTakingOver }: MemberMessage): Promise<GuestReply> {
    this.#mechtron = mechtron;
    const reign = await this.#begin(isTakingOver);
    const state = openMessageState(reign.state);
    const reply = await mechtron.handle(request, {
      ...(signal !== undefined && { signal }),
      ...(log !== undefined && { log }),
      host: async (call, context) => (call.service === STATE_SERVICE ? state.answer(call) : host(call, context)),
    });
    const changes = reply.failure === undefined ? state.changes : [];
    const kept = changes.length > 0 ? await reign.keep(changes) : (await reign.confirm()) ? "kept" : "refused";
    if (kept === "kept") return reply; // I1
    this.#end();
    throw this.#notKept(reign.epoch, kept);
  }

  /** The reign that there is, or another one. */
  async #begin(isTakingOver: boolean): Promise<Reign> {
    const { index, count, replica } = this.#options;
    const reign = this.#reign;
    if (reign !== undefined && !this.#isOver(reign) && (this.#isFresh() || (await reign.confirm()))) return reign;
    this.ballot.learn({ seen: replica.promised, reigning: replica.snapshot.position.epoch });
    const isLacking = reign?.isLacking === true;
    this.#end();
    const { reigning } = this.ballot;
    if (!isTakingOver && reigning > 0 && reigning % count !== index) throw this.#notPrimary();
    this.#renewedAtMs = this.#options.clock.monotonic();
    this.#reign = await takeOver({ index, count, ballot: this.ballot, replica }, { isForAll: isLacking });
    if (this.#reign === undefined) throw this.#notPrimary();
    return this.#reign;
  }

  #isOver(reign: Reign): boolean {
    const { clock, silenceMs, replica } = this.#options;
    if (replica.promised > reign.epoch) return true;
    return reign.isLacking && clock.monotonic() - this.#renewedAtMs > RENEW_AFTER_SILENCES * silenceMs;
  }

  /** Whether a majority was heard just now. If not, it is asked before a message is handled: what is not handled can be handed to another. */
  #isFresh(): boolean {
    const { clock, count, silenceMs } = this.#options;
    const sinceMs = clock.monotonic() - silenceMs;
    const heard = Array.from({ length: count }, (_, at) => this.ballot.heardAtMs(at)).filter((atMs) => atMs > sinceMs);
    return heard.length >= this.ballot.majority;
  }

  #end(): void {
    this.#reign = undefined;
    this.#mechtron?.rest(); // What it has in memory is of a reign that is over.
  }

  #notPrimary(): OrreryError {
    const { reigning } = this.ballot;
    const text = `Cannot hand a message to "${this.#options.name}" here: another member is its primary, or none could be made`;
    return new OrreryError("aborted", text, { details: { fault: "not_primary", epoch: reigning } });
  }

  #notKept(epoch: number, kept: "refused" | "unknown"): OrreryError {
    const isRefused = kept === "refused";
    const why = isRefused
      ? `epoch ${epoch} is over, nothing was changed`
      : "too few members answered, it may be kept or not";
    const text = `Cannot keep what the message changed in "${this.#options.name}": ${why}`;
    return new OrreryError("unavailable", text, { details: { fault: isRefused ? "not_kept" : "uncertain", epoch } });
  }
}
