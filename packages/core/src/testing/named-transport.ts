import { DelegatingTransport } from "../delegating-transport.ts";
import type { Link, Transport } from "../transport.ts";

/** Gives a memory transport another name, so that a node may have several carriers: `NAME://a` is its `memory://a`. */
export function namedTransport(scheme: string, inner: Transport): Transport {
  return new NamedTransport(scheme, inner);
}

class NamedTransport extends DelegatingTransport {
  override readonly scheme: string;

  constructor(scheme: string, inner: Transport) {
    super(inner);
    this.scheme = scheme;
  }

  override async listen(address: string): Promise<string> {
    return (await super.listen(this.#inner(address))).replace("memory:", `${this.scheme}:`);
  }

  override connect(address: string): Link {
    return super.connect(this.#inner(address));
  }

  #inner(address: string): string {
    return address.replace(`${this.scheme}:`, "memory:");
  }
}
