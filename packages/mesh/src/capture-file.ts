import { OrreryError } from "@orrery/core";
import { type CapturedPacket, captureStart, encodeCapturedPacket } from "@orrery/core/internal";
import { CAPTURE_BYTES_MAX } from "./limits.ts";
import { systemFiles } from "./system-files.ts";

/** A file that packets are recorded in, in the form that `readCapture` reads. */
export interface CaptureFile {
  /** Records a packet; what no longer fits is left out. */
  write(packet: CapturedPacket): void;
  close(): void;
}

/**
 * Makes a capture file, in the place of one that is there. It grows to 256 MiB and keeps nothing beyond.
 * @throws OrreryError `invalid_argument` when it cannot be written.
 */
export function createCaptureFile(path: string): CaptureFile {
  const { closeSync, openSync, writeSync } = systemFiles();
  let file: number | undefined;
  try {
    file = openSync(path, "w", 0o600);
  } catch (cause) {
    throw new OrreryError("invalid_argument", `Cannot capture into "${path}": ${(cause as Error).message}`, { cause });
  }
  let written = writeSync(file, captureStart());
  return {
    write(packet) {
      const record = encodeCapturedPacket(packet);
      if (file === undefined || written + record.length > CAPTURE_BYTES_MAX) return;
      writeSync(file, record); // At once: a process that crashes leaves whole records.
      written += record.length;
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
