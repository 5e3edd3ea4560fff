import { bounce } from "./answer.ts";
import type { Caller } from "./caller.ts";
import { type Carrier, type CarrierPlan, carriersOf } from "./carriers/carrier-plan.ts";
import { CarrierStack, type Route } from "./carriers/stack.ts";
import { type LinkPort, TransportPort } from "./carriers/transport-port.ts";
import type { Container } from "./container.ts";
import type { ControlPlane } from "./control-plane.ts";
import { type Envelope, Kind } from "./envelope.ts";
import { failure } from "./orrery-error.ts";
import type { RelaySeat } from "./relay.ts";
import { admitSealed, type Seals } from "./seals.ts";
import { isControl, type Link, type LinkEvent, type Message, type SendResult, type Transport } from "./transport.ts";

/** Options of an exchange. */
export interface ExchangeOptions {
  readonly transports: readonly Transport[];
  /** What leads to places beside their addresses. Default: nothing. */
  readonly plan?: CarrierPlan | undefined;
  readonly node: string;
  readonly caller: Caller;
  /** Absent in a client. */
  readonly container: Container | undefined;
  readonly control: ControlPlane;
  /** Takes what the container does not serve. Default: nobody does. */
  readonly relay?: RelaySeat | undefined;
  /** Seals that it opens, and those that it insists on. Default: none. */
  readonly seals?: Seals | undefined;
  /** Told of news of links, after everybody else. */
  readonly onLink?: ((event: LinkEvent) => void) | undefined;
}

/**
 * Where transports meet the node. Owns: a port for each link, and the way of every incoming message: control at once, answers to the
 * caller, the rest to the container, or to a relay. I1: a message is given to exactly one of them. I2: a connection speaks only for agents it
 * may speak for.
 */
export interface Exchange {
  /**
   * The port to an address, or to a place that is written as several, opened on first use. An address belongs to the place that it was first
   * named for. @throws OrreryError `invalid_argument` when no transport has its scheme.
   */
  port(place: string): LinkPort;
  /** Opens an address for others. */
  listen(address: string): Promise<string>;
  /** Carries what the node's directory says to the one at the other end of a link. */
  gossip(link: Link, message: Uint8Array): SendResult;
  /** Gives up the link to an address, unless it is up. */
  forget(address: string): void;
  /** Links that are up or coming up. */
  links(): readonly Link[];
  /** The other side of a link takes nothing new; where it is to be told when all that was sent there has ended, `onSettled` does. */
  peerLeaves(link: Link, onSettled: (() => void) | undefined): void;
  /** By which carrier a link goes, and why better ones are not used. */
  route(link: Link): Route;
  close(): Promise<void>;
}

/** Makes an exchange and takes over the transports' events. */
export function createExchange(options: ExchangeOptions): Exchange {
  return new LinkExchange(options);
}

class LinkExchange implements Exchange {
  readonly #options: ExchangeOptions;
  readonly #ports = new Map<Link, LinkPort>();
  /** Ports by each address of their places; only of those to which several carriers lead. */
  readonly #places = new Map<string, CarrierStack>();
  readonly #stacks = new Map<Link, CarrierStack>();

  constructor(options: ExchangeOptions) {
    this.#options = options;
    for (const transport of options.transports) {
      transport.onMessage((link, message) => receive(options, this.#portOf(transport, link), message));
      transport.onLink((event) => this.#heard(transport, event));
    }
  }

  port(place: string): LinkPort {
    const known = this.#places.get(place);
    if (known !== undefined) return known.port;
    const { transports, plan } = this.#options;
    const carriers = carriersOf(place, transports, plan);
    const [only] = carriers;
    if (carriers.length === 1 && only !== undefined)
      return this.#portOf(only.transport, only.transport.connect(only.address));
    return this.#stackOf(place, carriers).port;
  }

  listen(address: string): Promise<string> {
    const [carrier] = carriersOf(address, this.#options.transports, undefined) as [Carrier];
    return carrier.transport.listen(address);
  }

  gossip(link: Link, message: Uint8Array): SendResult {
    const port = this.#ports.get(link);
    return port === undefined ? "closed" : this.#options.control.gossip(port.transport, link, message);
  }

  forget(place: string): void {
    const port = this.port(place);
    const { link } = port;
    const stack = this.#stacks.get(link);
    if (stack === undefined) {
      if (link.forget?.() !== true) return;
      port.isGivenUp = true;
      this.#ports.delete(link);
      return;
    }
    if (!stack.forget()) return;
    port.isGivenUp = true;
    for (const [address, known] of this.#places) if (known === stack) this.#places.delete(address);
  }

  links(): readonly Link[] {
    return [...this.#ports.keys()];
  }

  route(link: Link): Route {
    const carrier = this.#ports.get(link)?.transport.scheme ?? "";
    return { carrier, punted: this.#stacks.get(link)?.punted ?? [] };
  }

  peerLeaves(link: Link, onSettled: (() => void) | undefined): void {
    const port = this.#ports.get(link);
    if (port === undefined) return;
    if (onSettled === undefined) port.leaving ??= "stopping";
    else {
      port.leaving = "stopped";
      this.#options.caller.whenSettled(link, onSettled);
    }
  }

  async close(): Promise<void> {
    for (const stack of this.#places.values()) stack.close();
    await Promise.all(this.#options.transports.map((transport) => transport.close()));
  }

  #portOf(transport: Transport, link: Link): LinkPort {
    let port = this.#ports.get(link);
    if (port === undefined) {
      port = new TransportPort({ link, transport, carriesValues: transport.carriesValues, place: undefined });
      this.#ports.set(link, port);
    }
    return port;
  }

  #stackOf(place: string, carriers: readonly Carrier[]): CarrierStack {
    const named = carriers.map(({ address }) => address);
    const known = named.map((address) => this.#places.get(address)).find((stack) => stack !== undefined);
    const stack = known ?? this.#newStack(place, carriers);
    for (const address of [place, ...named]) if (!this.#places.has(address)) this.#places.set(address, stack);
    return stack;
  }

  #newStack(place: string, carriers: readonly Carrier[]): CarrierStack {
    const stack = new CarrierStack({
      place,
      carriers,
      onDrop: (link) => {
        this.#ports.delete(link);
        this.#stacks.delete(link);
      },
      onMove: (from, to) => this.#options.control.moved(from, to),
    });
    stack.begin((link) => {
      this.#ports.set(link, stack.port);
      this.#stacks.set(link, stack);
    });
    return stack;
  }

  #heard(transport: Transport, event: LinkEvent): void {
    const stack = this.#stacks.get(event.link);
    if (stack?.hears(event) === false) return;
    linkChanged(this.#options, this.#ports, this.#portOf(transport, event.link), event);
    stack?.heard();
  }
}

function receive(options: ExchangeOptions, port: LinkPort, message: Message): void {
  if (isControl(message)) {
    options.control.receive(port.transport, port.link, message.bytes);
    return;
  }
  switch (message.kind) {
    case Kind.reply:
    case Kind.streamItem:
    case Kind.streamEnd:
      options.caller.receive(port, message);
      break;
    case Kind.cancel:
    case Kind.streamCredit:
      options.relay?.follow(message, port);
      options.container?.follow(message, port);
      break;
    default:
      begin(options, port, message);
  }
}

function begin(options: ExchangeOptions, port: LinkPort, envelope: Envelope): void {
  const agent = envelope.head?.agent ?? "";
  if (envelope.head !== undefined && !port.link.allows(agent)) {
    const text = `Cannot accept a message for agent "${agent}": the connection from "${port.link.remote}" may not speak for it`;
    bounce(envelope, port, failure("agent_refused", text), options.node); // I2
    return;
  }
  if (options.relay !== undefined && options.container?.has(envelope.head?.component ?? "") !== true) {
    options.relay.accept(envelope, port);
    return;
  }
  if (options.container !== undefined) {
    const { seals, node } = options;
    const refused = seals === undefined && envelope.seal === undefined ? undefined : admitSealed(envelope, seals, node);
    if (refused === undefined) options.container.accept(envelope, port);
    else bounce(envelope, port, refused, node);
    return;
  }
  const text = `Cannot call component "${envelope.head?.component ?? ""}": "${options.node}" is a client and serves none`;
  bounce(envelope, port, failure("no_such_component", text), options.node);
}

function linkChanged(options: ExchangeOptions, ports: Map<Link, LinkPort>, port: LinkPort, event: LinkEvent): void {
  port.leaving = undefined; // Whoever comes next at this address stays.
  if (event.kind === "up") {
    options.control.greet(port.transport, event.link);
    options.onLink?.(event);
    return;
  }
  options.caller.linkLost(event.link, event.reason);
  options.container?.portLost(port);
  options.relay?.portLost(port);
  options.control.linkLost(event.link);
  options.onLink?.(event);
  if (event.link.direction === "in") ports.delete(event.link);
}
