import { type Clock, type Log, OrreryError } from "@orrery/core";
import { failure } from "@orrery/core/internal";
import type { GuestReply, GuestRequest } from "@orrery/guest/abi";
import type { GuestHost } from "../cage/guest-host.ts";
import type { Mechtron } from "../cage/mechtron.ts";
import { SILENCE_MS, WAITING_MAX } from "./limits.ts";
import { createMember, type Member } from "./member.ts";
import { type HeldReplica, openReplica, type Replica } from "./replica.ts";
import type { StateStore } from "./state-store.ts";

/** A message for a stateful mechtron, and who runs it. */
export interface SoleMessage {
  readonly mechtron: Mechtron;
  readonly request: GuestRequest;
  /** Gives the message up. Default: nobody does. */
  readonly signal?: AbortSignal;
  /** Answers what the mechtron calls, but for its state. */
  readonly host: GuestHost;
  /** Takes what it logs meanwhile. Default: the mechtron's log. */
  readonly log?: () => Log;
  /** How long it may wait for its turn, in ms. */
  readonly waitMs: number;
}

/** The state of a stateful mechtron without other members, over whatever runs its code. */
export interface SoleMember {
  /**
   * Has a mechtron answer a message, and keeps what it changed before it gives the reply; one after another.
   * @throws OrreryError `overloaded` when too many wait, and as `Member.handle` does.
   */
  handle(message: SoleMessage): Promise<GuestReply>;
  /** Gives what it remembers between two changes; keeps nothing, and so acknowledges nothing, before `release`. */
  hold(): Promise<HeldReplica>;
  /** Ends what is under way, and lets go of the medium. */
  close(): Promise<void>;
}

/** Opens the state of a mechtron. @throws OrreryError as the store's `load`. */
export async function openSoleMember(options: {
  readonly name: string;
  readonly clock: Clock;
  readonly store: StateStore;
}): Promise<SoleMember> {
  const { name, clock, store } = options;
  const replica = await openReplica({ store, clock, count: 1, silenceMs: SILENCE_MS });
  const ask = () => Promise.reject(new Error("there is no other member"));
  const member = createMember({ name, index: 0, count: 1, clock, silenceMs: SILENCE_MS, replica, ask });
  return new Queue(name, { clock, member, replica });
}

/** Owns: the order of messages. */
class Queue implements SoleMember {
  readonly #name: string;
  readonly #parts: { readonly clock: Clock; readonly member: Member; readonly replica: Replica };
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(name: string, parts: { readonly clock: Clock; readonly member: Member; readonly replica: Replica }) {
    this.#name = name;
    this.#parts = parts;
  }

  async handle({ waitMs, ...message }: SoleMessage): Promise<GuestReply> {
    const { clock, member } = this.#parts;
    if (this.#waiting > WAITING_MAX)
      throw failure("overloaded", `Cannot hand a message to "${this.#name}": ${WAITING_MAX} wait already, try later`);
    this.#waiting += 1;
    const lastMs = clock.monotonic() + waitMs;
    const turn = this.#last.then(() => {
      if (clock.monotonic() < lastMs) return member.handle({ ...message, isTakingOver: true });
      const text = `Cannot hand a message to "${this.#name}": its time was over before its turn came`;
      throw new OrreryError("deadline_exceeded", text);
    });
    this.#last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  hold(): Promise<HeldReplica> {
    return this.#parts.replica.hold();
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#parts.replica.close();
  }
}
