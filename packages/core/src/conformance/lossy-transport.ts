import type { Clock } from "../clock.ts";
import { DelegatingTransport } from "../delegating-transport.ts";
import { type Envelope, markLeft } from "../envelope.ts";
import type { Random } from "../random.ts";
import { isControl, type Link, type Message, type SendResult, type Transport } from "../transport.ts";

/** How bad a medium is: probabilities from 0 to 1, for each message on its own. */
export interface LossyOptions {
  /** Source of the lots, so that the same seed gives the same faults for the same messages. */
  readonly random: Random;
  /** Clock by which a message that is held back goes at last. */
  readonly clock: Clock;
  /** A message is lost after it left. Default: 0. */
  readonly lose?: number;
  /** A message comes twice. Default: 0. */
  readonly repeat?: number;
  /** A message is held back until the next on its link has passed it, or for `holdMs`. Default: 0. */
  readonly delay?: number;
  /** Longest time for which a message is held back, in ms. Default: 5. */
  readonly holdMs?: number;
}

/** Makes a transport that carries by another, and loses, repeats and reorders what is sent through it. */
export function createLossyTransport(inner: Transport, options: LossyOptions): Transport {
  return new LossyTransport(inner, options);
}

/** Owns what is held back: at most one message a link. Control frames suffer like all others: they may be lost without harm. */
class LossyTransport extends DelegatingTransport {
  readonly #options: LossyOptions;
  readonly #held = new Map<Link, Message>();

  constructor(inner: Transport, options: LossyOptions) {
    super(inner);
    this.#options = options;
  }

  override send(link: Link, message: Message): SendResult {
    const { lose = 0, repeat = 0, delay = 0 } = this.#options;
    if (this.#draw(lose)) {
      if (!isControl(message)) markLeft(message);
      return "accepted";
    }
    if (!this.#held.has(link) && this.#draw(delay)) {
      this.#hold(link, message);
      return "accepted";
    }
    const result = super.send(link, message);
    if (result === "accepted" && this.#draw(repeat)) super.send(link, copyOf(message));
    this.#letGo(link);
    return result;
  }

  override close(): Promise<void> {
    for (const link of [...this.#held.keys()]) this.#letGo(link);
    return super.close();
  }

  #draw(probability: number): boolean {
    return probability > 0 && this.#options.random.next() < probability;
  }

  #hold(link: Link, message: Message): void {
    this.#held.set(link, message);
    this.#options.clock.timer(this.#options.holdMs ?? 5, () => {
      if (this.#held.get(link) === message) this.#letGo(link);
    });
  }

  #letGo(link: Link): void {
    const message = this.#held.get(link);
    if (message === undefined) return;
    this.#held.delete(link);
    super.send(link, message);
  }
}

/** A second coming of a message shares nothing with the first. */
function copyOf(message: Message): Message {
  if (isControl(message)) return message;
  const copy: Envelope = { ...message };
  copy.bytes = message.bytes?.slice();
  copy.value = message.value === undefined ? undefined : structuredClone(message.value);
  return copy;
}
