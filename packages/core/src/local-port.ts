import type { Bounces } from "./bounces.ts";
import type { Caller } from "./caller.ts";
import type { Container } from "./container.ts";
import { type Envelope, Kind, markLeft } from "./envelope.ts";
import type { Port } from "./port.ts";
import type { SendResult } from "./transport.ts";

/** Options of a local port. */
export interface LocalPortOptions {
  readonly caller: Caller;
  readonly container: () => Container | undefined;
  /** Bodies are encoded and decoded as on a wire, instead of copied. */
  readonly encode: boolean;
}

/** Makes the port by which a node reaches its own components: a direct call, with the same envelope and outcomes as over a wire. */
export function createLocalPort(options: LocalPortOptions): Port {
  return new LocalPort(options);
}

class LocalPort implements Port {
  readonly link = undefined;
  inFlight = 0;
  bounces: Bounces | undefined = undefined;
  readonly carriesValues: boolean;
  readonly #caller: Caller;
  readonly #container: () => Container | undefined;

  constructor(options: LocalPortOptions) {
    this.carriesValues = !options.encode;
    this.#caller = options.caller;
    this.#container = options.container;
  }

  send(envelope: Envelope): SendResult {
    markLeft(envelope);
    switch (envelope.kind) {
      case Kind.reply:
      case Kind.streamItem:
      case Kind.streamEnd:
        this.#caller.receive(this, envelope);
        return "accepted";
      default:
        return this.#toContainer(envelope);
    }
  }

  answer(request: Envelope, value: unknown): void {
    this.#caller.answer(this, request.id, value);
  }

  #toContainer(envelope: Envelope): SendResult {
    const container = this.#container();
    if (container === undefined) return "closed";
    if (envelope.kind === Kind.cancel || envelope.kind === Kind.streamCredit) container.follow(envelope, this);
    else container.accept(envelope, this);
    return "accepted";
  }
}
