import type { Random } from "@orrery/core";
import type { DatagramCarrier } from "../datagram-carrier.ts";

/** Loses a share of the datagrams that go by a carrier, by lot. */
export function lossyDatagrams(
  inner: DatagramCarrier,
  { random, loss }: { readonly random: Random; readonly loss: number },
): DatagramCarrier {
  return {
    bytesMax: inner.bytesMax,
    get refused() {
      return inner.refused;
    },
    open: (host) => inner.open(host),
    send: (address, bytes) => random.next() < loss || inner.send(address, bytes),
    close: () => inner.close(),
  };
}
