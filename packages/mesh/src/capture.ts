import { closeSync, openSync, writeSync } from "node:fs";
import { type Clock, createSystemClock, OrreryError, type Transport } from "@orrery/core";
import { createPacketWriter, type Message, type PacketWriter } from "@orrery/core/internal";
import { CAPTURE_BYTES_MAX, CAPTURE_FRAME_BYTES_MAX } from "./limits.ts";

/** One message that went through a transport; a line of JSON in the file. */
export interface CapturedFrame {
  /** Wall time in ms since 1970. */
  readonly timeMs: number;
  readonly pid: number;
  readonly direction: "in" | "out";
  /** Number of the link within its process. */
  readonly link: number;
  readonly remote: string;
  /**
   * An encoded `orrery.wire.v1.Packet` with this message alone, in base64. Routes are declared once for each process, link and
   * direction, so frames are read in their order. Empty for a message that was too large to keep.
   */
  readonly frame: string;
  /** Bytes of the packet. */
  readonly size: number;
}

/** A file that frames are recorded in. */
export interface Capture {
  write(frame: Omit<CapturedFrame, "timeMs" | "pid">): void;
  close(): void;
}

/** Options of a capture. */
export interface CaptureOptions {
  /** Where times come from. Default: the machine's. */
  readonly clock?: Clock;
  /** Id that its frames carry. Default: 0. */
  readonly pid?: number;
}

/**
 * Opens a file to record frames in; several processes may add to one file. Beyond 256 MiB it keeps nothing more.
 * @throws OrreryError `invalid_argument` when the file cannot be written.
 */
export function openCapture(file: string, { clock = createSystemClock(), pid = 0 }: CaptureOptions = {}): Capture {
  let open: number | undefined;
  let written = 0;
  try {
    open = openSync(file, "a", 0o600);
  } catch (cause) {
    const text = `Cannot capture into "${file}": ${(cause as Error).message}`;
    throw new OrreryError("invalid_argument", text, { cause });
  }
  return {
    write(frame) {
      if (open === undefined || written >= CAPTURE_BYTES_MAX) return;
      const record: CapturedFrame = { timeMs: clock.now(), pid, ...frame };
      written += writeSync(open, `${JSON.stringify(record)}\n`); // One write is one line, whoever else writes.
    },
    close() {
      if (open !== undefined) closeSync(open);
      open = undefined;
    },
  };
}

/** A transport that records what goes through another. It changes nothing and answers what the other answers. */
export function captureTransport(transport: Transport, capture: Capture): Transport {
  const clock = createSystemClock();
  const writers = new Map<string, PacketWriter>();
  const record = (direction: "in" | "out", [id, remote]: readonly [number, string], message: Message) => {
    const key = `${direction} ${id}`;
    const writer = writers.get(key) ?? createPacketWriter();
    writers.set(key, writer);
    writer.add(message, clock.monotonic());
    const bytes = Buffer.concat(writer.take());
    const frame = bytes.length > CAPTURE_FRAME_BYTES_MAX ? "" : bytes.toString("base64");
    capture.write({ direction, link: id, remote, frame, size: bytes.length });
  };
  return {
    scheme: transport.scheme,
    carriesValues: transport.carriesValues,
    listen: (address) => transport.listen(address),
    connect: (address) => transport.connect(address),
    close: () => transport.close(),
    send(link, message) {
      record("out", [link.id, link.remote], message);
      return transport.send(link, message);
    },
    onMessage: (listener) =>
      transport.onMessage((link, message) => {
        record("in", [link.id, link.remote], message);
        listener(link, message);
      }),
    onLink: (listener) =>
      transport.onLink((event) => {
        if (event.kind === "down") for (const way of ["in", "out"]) writers.delete(`${way} ${event.link.id}`);
        listener(event);
      }),
  };
}
