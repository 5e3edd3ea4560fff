import { bounce } from "./answer.ts";
import type { Caller } from "./caller.ts";
import type { Container } from "./container.ts";
import type { ControlPlane } from "./control-plane.ts";
import { type Envelope, Kind } from "./envelope.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import { isControl, type Link, type LinkEvent, type Message, type SendResult, type Transport } from "./transport.ts";

/** Options of an exchange. */
export interface ExchangeOptions {
  readonly transports: readonly Transport[];
  readonly node: string;
  readonly caller: Caller;
  /** Absent in a client. */
  readonly container: Container | undefined;
  readonly control: ControlPlane;
  /** Told of news of links, after everybody else. */
  readonly onLink?: ((event: LinkEvent) => void) | undefined;
}

/**
 * Where transports meet the node. Owns: a port for each link, and the way of every incoming message: control at once, answers to the
 * caller, the rest to the container. I1: a message is given to exactly one of them. I2: a connection speaks only for agents it may speak for.
 */
export interface Exchange {
  /** The port to an address, opened on first use. @throws OrreryError `invalid_argument` when no transport has its scheme. */
  port(address: string): LinkPort;
  /** Opens an address for others. */
  listen(address: string): Promise<string>;
  /** Carries what the node's directory says to the one at the other end of a link. */
  gossip(link: Link, message: Uint8Array): SendResult;
  /** Gives up the link to an address, unless it is up. */
  forget(address: string): void;
  /** Links that are up or coming up. */
  links(): readonly Link[];
  close(): Promise<void>;
}

/** A port that leads over a transport's link. */
export interface LinkPort extends Port {
  readonly link: Link;
  readonly transport: Transport;
}

/** Makes an exchange and takes over the transports' events. */
export function createExchange(options: ExchangeOptions): Exchange {
  const ports = new Map<Link, LinkPort>();
  const portOf = (transport: Transport, link: Link): LinkPort => {
    let port = ports.get(link);
    if (port === undefined) {
      port = new TransportPort(transport, link);
      ports.set(link, port);
    }
    return port;
  };
  for (const transport of options.transports) {
    transport.onMessage((link, message) => receive(options, portOf(transport, link), message));
    transport.onLink((event) => linkChanged(options, ports, portOf(transport, event.link), event));
  }
  return {
    port: (address) => {
      const transport = transportFor(options.transports, address);
      return portOf(transport, transport.connect(address));
    },
    listen: (address) => transportFor(options.transports, address).listen(address),
    gossip: (link, message) => {
      const port = ports.get(link);
      return port === undefined ? "closed" : options.control.gossip(port.transport, link, message);
    },
    forget: (address) => {
      const { link } = portOf(
        transportFor(options.transports, address),
        transportFor(options.transports, address).connect(address),
      );
      if (link.forget?.() === true) ports.delete(link);
    },
    links: () => [...ports.keys()],
    close: async () => {
      await Promise.all(options.transports.map((transport) => transport.close()));
    },
  };
}

class TransportPort implements LinkPort {
  readonly link: Link;
  readonly carriesValues: boolean;
  readonly transport: Transport;
  inFlight = 0;

  constructor(transport: Transport, link: Link) {
    this.transport = transport;
    this.link = link;
    this.carriesValues = transport.carriesValues;
  }

  send(envelope: Envelope): SendResult {
    return this.transport.send(this.link, envelope);
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
  if (options.container !== undefined) {
    options.container.accept(envelope, port);
    return;
  }
  const text = `Cannot call component "${envelope.head?.component ?? ""}": "${options.node}" is a client and serves none`;
  bounce(envelope, port, failure("no_such_component", text), options.node);
}

function linkChanged(options: ExchangeOptions, ports: Map<Link, LinkPort>, port: LinkPort, event: LinkEvent): void {
  if (event.kind === "up") {
    options.control.greet(port.transport, event.link);
    options.onLink?.(event);
    return;
  }
  options.caller.linkLost(event.link, event.reason);
  options.container?.portLost(port);
  options.control.linkLost(event.link);
  options.onLink?.(event);
  if (event.link.direction === "in") ports.delete(event.link);
}

function transportFor(transports: readonly Transport[], address: string): Transport {
  const scheme = address.slice(0, Math.max(0, address.indexOf("://")));
  const transport = transports.find((candidate) => candidate.scheme === scheme);
  if (transport !== undefined) return transport;
  const known = transports.map((candidate) => `${candidate.scheme}://`).join(", ");
  throw new OrreryError(
    "invalid_argument",
    `Cannot use address "${address}": this node has no transport for it, only ${known === "" ? "none" : known}`,
  );
}
