import type { Transport } from "@orrery/core";
import { type Envelope, isControl } from "@orrery/core/internal";

/** Makes a transport that notes the envelopes which are sent through another. */
export function spyTransport(inner: Transport, sent: Envelope[]): Transport {
  return {
    scheme: inner.scheme,
    carriesValues: inner.carriesValues,
    listen: (address) => inner.listen(address),
    connect: (address) => inner.connect(address),
    close: () => inner.close(),
    onMessage: (listener) => inner.onMessage(listener),
    onLink: (listener) => inner.onLink(listener),
    send(link, message) {
      if (!isControl(message)) sent.push({ ...message });
      return inner.send(link, message);
    },
  };
}
