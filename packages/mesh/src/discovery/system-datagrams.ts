import type { Socket } from "node:dgram";
import { DATAGRAM_BYTES_MAX, type DatagramCarrier, type DatagramHost } from "./datagram-carrier.ts";

const ADDRESS = /^(?:tcp|udp):\/\/(?:\[([^\]]*)\]|([^:/?]+)):(\d+)(?:\?.*)?$/;

/** Makes a carrier over UDP. It opens the port of the same number beside each TCP address, or any where that is taken. */
export function createUdpCarrier(): DatagramCarrier {
  return new UdpCarrier();
}

/** Owns its sockets. I1: what the network says of a datagram that was sent, such as that nobody listens, is as if it was lost. */
class UdpCarrier implements DatagramCarrier {
  readonly bytesMax = DATAGRAM_BYTES_MAX;
  readonly refused = 0;
  readonly #sockets: { readonly socket: Socket; readonly isSix: boolean }[] = [];
  #isClosed = false;

  async open({ opened, onDatagram }: DatagramHost): Promise<readonly string[]> {
    const addresses: string[] = [];
    for (const place of opened.map(placeOf)) {
      const socket = place && ((await bind(place)) ?? (await bind({ ...place, port: 0 })));
      if (place === undefined || socket === undefined) continue;
      if (this.#isClosed) {
        socket.close();
        return [];
      }
      socket.on("message", (bytes, { address, port, family }) =>
        onDatagram(printAddress(address, port, family === "IPv6"), bytes),
      );
      this.#sockets.push({ socket, isSix: place.isSix });
      addresses.push(printAddress(place.host, socket.address().port, place.isSix));
    }
    return addresses;
  }

  send(address: string, bytes: Uint8Array): boolean {
    const place = placeOf(address);
    const socket = this.#sockets.find(({ isSix }) => isSix === place?.isSix)?.socket;
    if (place === undefined || socket === undefined) return false;
    socket.send(bytes, place.port, place.host, () => undefined); // I1
    return true;
  }

  close(): void {
    this.#isClosed = true;
    for (const { socket } of this.#sockets.splice(0)) socket.close();
  }
}

interface UdpPlace {
  readonly host: string;
  readonly port: number;
  readonly isSix: boolean;
}

function placeOf(address: string): UdpPlace | undefined {
  const [, six, host = six, port] = ADDRESS.exec(address) ?? [];
  return host === undefined ? undefined : { host, port: Number(port), isSix: six !== undefined };
}

function printAddress(host: string, port: number, isSix: boolean): string {
  return `udp://${isSix ? `[${host}]` : host}:${port}`;
}

/** A socket at a place; undefined where there can be none. */
async function bind({ host, port, isSix }: UdpPlace): Promise<Socket | undefined> {
  const { createSocket } = await import("node:dgram");
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  const socket = createSocket(isSix ? "udp6" : "udp4");
  socket.on("error", () => resolve(undefined)); // I1: also later.
  socket.bind(port, host === "*" ? "0.0.0.0" : host, () => {
    socket.unref();
    resolve(socket);
  });
  return promise;
}
