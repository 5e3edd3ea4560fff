import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import type { Clock } from "@orrery/core";
import type { Listening } from "../system-listen.ts";
import { UDP_QUIET_MS, UDP_SENDERS_MAX } from "./limits.ts";
import type { PortOptions } from "./system-tcp-port.ts";

/** Somebody who sends datagrams, and the way of the answers. */
interface Sender {
  readonly socket: Socket;
  lastMs: number;
}

/** Opens a port of UDP: each sender has a way of its own to a copy, until it is quiet. @throws where it is in use */
export async function openUdpPort({
  at,
  reach,
  places,
  clock,
}: PortOptions & { readonly clock: Pick<Clock, "monotonic" | "timer"> }): Promise<Listening> {
  const door = createSocket(isIPv6(at.host) ? "udp6" : "udp4");
  const senders = new Map<string, Sender>();
  let turn = 0;

  const forget = (name: string, { socket }: Sender) => {
    senders.delete(name);
    socket.close();
  };
  const sweep = () => {
    const nowMs = clock.monotonic();
    for (const [name, sender] of senders) if (nowMs - sender.lastMs > UDP_QUIET_MS) forget(name, sender);
    timer = clock.timer(UDP_QUIET_MS, sweep);
  };
  let timer = clock.timer(UDP_QUIET_MS, sweep);

  const senderOf = (address: string, port: number): Sender | undefined => {
    const name = `${address} ${port}`;
    const known = senders.get(name);
    if (known !== undefined) return known;
    const all = places();
    const place = all[turn++ % Math.max(1, all.length)];
    if (place === undefined || senders.size >= UDP_SENDERS_MAX) return undefined; // Datagrams may be lost, and are.
    const socket = createSocket(isIPv6(place.host) ? "udp6" : "udp4");
    const sender: Sender = { socket, lastMs: clock.monotonic() };
    socket.on("message", (bytes) => {
      sender.lastMs = clock.monotonic();
      reach.add({ egressBytes: bytes.length, ingressBytes: 0 });
      door.send(bytes, port, address);
    });
    // The copy is gone: the next datagram finds another.
    socket.on("error", () => senders.get(name) === sender && forget(name, sender));
    socket.connect(place.port, place.host);
    senders.set(name, sender);
    return sender;
  };

  const opened = once(door, "listening");
  door.bind(at.port, at.host);
  await opened;
  door.on("error", () => undefined);
  door.on("message", (bytes, { address, port }) => {
    const sender = senderOf(address, port);
    if (sender === undefined) return;
    sender.lastMs = clock.monotonic();
    reach.add({ egressBytes: 0, ingressBytes: bytes.length });
    whenConnected(sender.socket, () => sender.socket.send(bytes));
  });
  return {
    port: door.address().port,
    close: async () => {
      timer.cancel();
      for (const [name, sender] of senders) forget(name, sender);
      const closed = once(door, "close");
      door.close();
      await closed;
    },
  };
}

function whenConnected(socket: Socket, send: () => void): void {
  try {
    socket.remoteAddress();
    send();
  } catch {
    socket.once("connect", send);
  }
}
