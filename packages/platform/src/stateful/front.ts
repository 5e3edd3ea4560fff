import { type Clock, type Context, isOrreryError, OrreryError, type Random } from "@orrery/core";
import type { GuestReply, GuestRequest } from "@orrery/guest/abi";
import type { Ballot } from "./ballot.ts";
import { LOOKS_PER_SILENCE, RETRY_SHARE } from "./limits.ts";
import { faultIn } from "./member.ts";

/** How a message gets to the primary. */
export interface FrontOptions {
  readonly name: string;
  readonly index: number;
  readonly count: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly silenceMs: number;
  readonly ballot: Ballot;
  /** Passes a message on to a member, this one included. @throws OrreryError as the call and the member do. */
  readonly pass: (request: GuestRequest, way: Way) => Promise<GuestReply>;
}

/** Where a message goes. */
export interface Way {
  readonly to: number;
  readonly isTakingOver: boolean;
  readonly context: Context;
  /** Gives the message up. */
  readonly signal: AbortSignal;
}

/** Finds the primary for messages. */
export interface Front {
  /**
   * Has the primary answer a message; where there is none, or nothing is heard of it, this member becomes it. A message is passed on again only
   * where it certainly was not handled.
   * @throws OrreryError as the primary does; `unavailable` where none could be found in time, or it was lost while it handled the message.
   */
  deliver(request: GuestRequest, context: Context): Promise<GuestReply>;
}

/** Makes the front of one member. */
export function createFront(options: FrontOptions): Front {
  return new Finder(options);
}

/** Reasons by which a member that was called is not there, or will not be for long; the message was certainly not handled. */
const GONE: ReadonlySet<string> = new Set([
  "not_connected",
  "draining",
  "not_ready",
  "no_such_component",
  "circuit_open",
]);

/** Owns: which primary it takes for gone. */
class Finder implements Front {
  readonly #options: FrontOptions;
  /** Epoch of the primary that nothing is heard of. */
  #goneEpoch = 0;

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  async deliver(request: GuestRequest, context: Context): Promise<GuestReply> {
    for (;;) {
      const { index, count, ballot } = this.#options;
      const epoch = ballot.reigning;
      const isGone = epoch === 0 || epoch === this.#goneEpoch || !(await this.#isThere(epoch % count));
      const to = isGone ? index : epoch % count;
      try {
        return await this.#pass(request, { to, epoch, isTakingOver: isGone, context });
      } catch (error) {
        if (!isOrreryError(error)) throw error;
        const isElsewhere = faultIn(error) === "not_primary";
        if (isElsewhere) this.#learn(epoch, Number(error.details["epoch"] ?? 0));
        else if (to !== index && GONE.has(error.reason ?? "")) this.#goneEpoch = epoch;
        else throw this.#asDeclared(error);
      }
      await this.#pause(context);
    }
  }

  /** Takes what a member said that is not the primary. One that does not know of its own epoch has lost it, and will not take it up by itself. */
  #learn(epoch: number, told: number): void {
    if (told < epoch) this.#goneEpoch = epoch;
    else this.#options.ballot.learn({ reigning: told });
  }

  /** Whether a member was heard just now, or answers: what is not passed on to one that is gone can be handed to another. */
  async #isThere(at: number): Promise<boolean> {
    const { index, clock, silenceMs, ballot } = this.#options;
    if (at === index || clock.monotonic() - ballot.heardAtMs(at) < silenceMs) return true;
    return await ballot.askOne(at, { kind: "look" }).then(
      () => true,
      () => false,
    );
  }

  /** Passes a message on, and looks meanwhile whether the member is there. */
  async #pass(
    request: GuestRequest,
    { to, epoch, isTakingOver, context }: Omit<Way, "signal"> & { readonly epoch: number },
  ): Promise<GuestReply> {
    const { index, pass } = this.#options;
    if (to === index) return await pass(request, { to, isTakingOver, context, signal: context.signal });
    const lost = new AbortController();
    const done = new AbortController();
    const signal = AbortSignal.any([context.signal, lost.signal]);
    const watching = this.#watch(to, done.signal).then((isLost) => {
      if (isLost) lost.abort();
    });
    try {
      return await pass(request, { to, isTakingOver, context, signal });
    } catch (error) {
      if (isOrreryError(error) && (lost.signal.aborted || error.reason === "connection_lost")) {
        this.#goneEpoch = epoch;
        throw this.#uncertain(error);
      }
      throw error;
    } finally {
      done.abort();
      await watching;
    }
  }

  /** Looks after a member until it is told to stop; true once nothing was heard for a silence. */
  async #watch(to: number, signal: AbortSignal): Promise<boolean> {
    const { clock, silenceMs, ballot } = this.#options;
    let heardAtMs = clock.monotonic();
    const look = () =>
      ballot.askOne(to, { kind: "look" }).then(
        () => {
          heardAtMs = clock.monotonic();
        },
        () => undefined,
      );
    for (;;) {
      try {
        await clock.sleep(silenceMs / LOOKS_PER_SILENCE, signal);
      } catch {
        return false;
      }
      if (clock.monotonic() - heardAtMs > silenceMs) return true;
      void look();
    }
  }

  async #pause(context: Context): Promise<void> {
    const { clock, random, silenceMs } = this.#options;
    const waitMs = 1 + random.next() * silenceMs * RETRY_SHARE;
    if (context.deadline !== 0 && clock.monotonic() + waitMs + silenceMs >= context.deadline) throw this.#nobody();
    await clock.sleep(waitMs, context.signal);
  }

  #nobody(): OrreryError {
    const text = `Cannot hand a message to "${this.#options.name}": no primary could be found or made in time, nothing was done`;
    return new OrreryError("unavailable", text, { details: { fault: "not_primary" } });
  }

  #uncertain(cause: OrreryError): OrreryError {
    const text = `Cannot tell whether "${this.#options.name}" handled the message: its primary was lost meanwhile`;
    return new OrreryError("unavailable", text, { details: { fault: "uncertain" }, cause });
  }

  /** An error of passing on, as a handler declares it. */
  #asDeclared(error: OrreryError): OrreryError {
    if (error.kind === "error") return error;
    const reason = error.reason === undefined ? {} : { reason: error.reason };
    const fault = error.definite ? {} : { fault: "uncertain" };
    const details = { ...error.details, ...reason, ...fault };
    return new OrreryError(error.code, error.message, { details, cause: error });
  }
}
