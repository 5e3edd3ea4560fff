import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type CapturedPacket, loadPacketInspector, type PacketInspector, readCapture } from "@orrery/core/internal";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { CAPTURE_READ_BYTES_MAX } from "../limits.ts";
import type { Terminal } from "../terminal.ts";

/** Prints what a capture holds, one line for each message. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = ""] = input.words;
  const file = word === "-" ? await terminal.readInput() : await readBytes(word, terminal);
  const isJson = input.text("output") === "json";
  const createPacketInspector = await loadPacketInspector();
  const inspectors = new Map<number, PacketInspector>();
  try {
    for (const captured of readCapture(file)) {
      const inspector = inspectors.get(captured.link) ?? createPacketInspector();
      inspectors.set(captured.link, inspector);
      for (const text of inspector.inspect(captured.packet, captured.direction)) {
        const isRead = await terminal.write(isJson ? jsonLine(captured, text) : textLine(captured, text));
        if (!isRead) return EXIT.done;
      }
    }
  } catch (cause) {
    throw new CommandError((cause as Error).message, { cause });
  }
  return EXIT.done;
}

function textLine({ timeMs, direction, link, peer }: CapturedPacket, text: string): string {
  const time = new Date(timeMs).toISOString().slice(11, 23);
  return `${time}  ${direction === "in" ? "<-" : "->"} ${link} ${peer}  ${text}\n`;
}

function jsonLine({ timeMs, direction, link, peer, packet }: CapturedPacket, text: string): string {
  const time = new Date(timeMs).toISOString();
  return `${JSON.stringify({ time, direction, link, peer, bytes: packet.length, text })}\n`;
}

async function readBytes(word: string, terminal: Terminal): Promise<Uint8Array> {
  const path = resolve(terminal.cwd, word);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isDirectory())
    throw new CommandError(`Cannot inspect "${word}": there is no such file`, { exit: EXIT.notFound });
  if (found.size > CAPTURE_READ_BYTES_MAX)
    throw usageError(`Cannot inspect "${word}": it has ${found.size} bytes, the limit is ${CAPTURE_READ_BYTES_MAX}`);
  return await readFile(path);
}
