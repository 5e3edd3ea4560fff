import type { Envelope, Port, PortResult } from "@orrery/core/internal";

/** A way to another network: the way to a gateway, and one gateway farther. */
class GatewayPort implements Port {
  readonly gateways = 1;
  inFlight = 0;
  bounces: Port["bounces"] = undefined;
  readonly #to: Port;

  constructor(to: Port) {
    this.#to = to;
  }

  get carriesValues(): boolean {
    return this.#to.carriesValues;
  }

  get link(): Port["link"] {
    return this.#to.link;
  }

  get place(): Port["place"] {
    return this.#to.place;
  }

  get leaving(): Port["leaving"] {
    return this.#to.leaving;
  }

  send(envelope: Envelope): PortResult {
    return this.#to.send(envelope);
  }
}

const ports = new WeakMap<Port, GatewayPort>();

/** The way through the gateway to which a port leads; the same for the same port. */
export function gatewayPort(to: Port): Port {
  const known = ports.get(to) ?? new GatewayPort(to);
  ports.set(to, known);
  return known;
}
