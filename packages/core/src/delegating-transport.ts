import type { Link, LinkListener, Message, MessageListener, SendResult, Transport } from "./transport.ts";

/** A transport that carries by another, in everything as that does it; a class that extends it changes some of it. */
export class DelegatingTransport implements Transport {
  readonly scheme: string;
  readonly carriesValues: boolean;
  protected readonly inner: Transport;

  constructor(inner: Transport) {
    this.inner = inner;
    this.scheme = inner.scheme;
    this.carriesValues = inner.carriesValues;
  }

  listen(address: string): Promise<string> {
    return this.inner.listen(address);
  }

  connect(address: string): Link {
    return this.inner.connect(address);
  }

  send(link: Link, message: Message): SendResult {
    return this.inner.send(link, message);
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  onMessage(listener: MessageListener): void {
    this.inner.onMessage(listener);
  }

  onLink(listener: LinkListener): void {
    this.inner.onLink(listener);
  }
}
