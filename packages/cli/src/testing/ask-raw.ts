import { connect } from "node:net";

/** A request as it goes over the wire. */
export interface RawAsk {
  readonly method: string;
  /** Path and query, or whatever else is to stand there. */
  readonly target: string;
  /** In order; `Host` among them. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Default: none. */
  readonly body?: string;
}

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  /** Header fields, their names in small letters. */
  readonly fields: readonly string[];
  readonly body: string;
}

let asked = 0;

/** An address of this machine to ask from, another each time, since who asks too often waits. */
export function nextLocalAddress(): string {
  asked++;
  return `127.0.${1 + Math.floor(asked / 250)}.${1 + (asked % 250)}`;
}

/** Sends a request as it is written, whatever a client would say of it, and reads all that comes. */
export async function askRaw(url: string, { method, target, fields, body = "" }: RawAsk): Promise<RawAnswer> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port), localAddress: nextLocalAddress() });
  const length = body === "" ? [] : [["Content-Length", String(Buffer.byteLength(body))] as const];
  const head = [...fields, ...length, ["Connection", "close"] as const].map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${target} HTTP/1.1\r\n${head.join("")}\r\n${body}`);
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const [line = "", ...lines] = text.slice(0, end).split("\r\n");
  return {
    status: Number(line.split(" ")[1]),
    fields: lines.map((one) => one.replace(/^[^:]*/, (name) => name.toLowerCase())),
    body: text.slice(end + 4),
  };
}
