import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contestant } from "../lib/contestant.ts";
import { FrameReader, FrameWriter } from "../lib/frames.ts";
import { prepareBytes } from "../lib/payloads.ts";

/** The control: framed sockets without an envelope, over TCP (`tcp`) or a Unix socket (`unix`). */
export function contestant(variant: string): Contestant {
  const place = () => (variant === "unix" ? join(tmpdir(), `orrery-bench-${process.pid}.sock`) : "");
  return {
    async serve() {
      const server = createServer({ noDelay: true }, answer);
      const path = place();
      const { promise, resolve } = Promise.withResolvers<void>();
      if (path === "") server.listen(0, "127.0.0.1", resolve);
      else server.listen(path, resolve);
      await promise;
      process.on("exit", () => server.close());
      const address = server.address();
      return { place: typeof address === "object" && address !== null ? String(address.port) : path };
    },
    async connect(address) {
      const port = Number(address);
      const target = Number.isNaN(port) ? { path: address } : { host: "127.0.0.1", port, noDelay: true };
      const socket = createConnection(target);
      await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
      const call = caller(socket);
      return { prepare: (work) => prepareBytes(work, call) };
    },
  };
}

const echo = async (payload: Buffer): Promise<Buffer> => payload;

function answer(socket: Socket): void {
  const writer = new FrameWriter(socket);
  const reader = new FrameReader((id, payload) => {
    void echo(payload).then((reply) => writer.write(id, reply));
  });
  socket.on("data", (chunk: Buffer) => reader.read(chunk));
  socket.on("error", () => socket.destroy());
}

function caller(socket: Socket): (payload: Buffer) => Promise<Buffer> {
  const pending = new Map<number, (reply: Buffer) => void>();
  const writer = new FrameWriter(socket);
  const reader = new FrameReader((id, payload) => {
    pending.get(id)?.(payload);
    pending.delete(id);
  });
  socket.on("data", (chunk: Buffer) => reader.read(chunk));
  let lastId = 0;
  return (payload) =>
    new Promise((resolve) => {
      lastId = (lastId + 1) >>> 0;
      pending.set(lastId, resolve);
      writer.write(lastId, payload);
    });
}
