import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type BackupFacts, openBackup, UpkeepService } from "@orrery/registry/upkeep";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode } from "../command-error.ts";
import { formatBytes } from "../operate/format.ts";
import { openServer } from "../resources/server.ts";
import type { Terminal } from "../terminal.ts";
import { factsText } from "./facts-text.ts";
import { BACKUP_PIECES_AHEAD, BACKUP_SILENT_MS } from "./limits.ts";
import { openStopped, stoppedFolder } from "./open-stopped.ts";

/** An archive as it comes. */
interface Coming {
  readonly facts: BackupFacts;
  readonly bytes: number;
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** `orrery backup` */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const path = resolve(terminal.cwd, input.words[0] ?? "");
  if (existsSync(path)) throw new CommandError(`Cannot back up to "${path}": it is there already, name a new file`);
  const folder = stoppedFolder(input, terminal);
  const facts = await (folder === undefined
    ? fromServer(path, input, terminal)
    : fromFolder(path, { folder, input, terminal }));
  const isJson = input.text("output") === "json";
  const text = `Backed up to ${path}: ${factsText(facts)}\n`;
  await terminal.write(isJson ? `${JSON.stringify({ file: path, ...facts })}\n` : text);
  if (facts.keys.length > 0 && !isJson)
    terminal.say("Secrets are in it closed. Keep a copy of secrets.key elsewhere: without it nobody opens them");
  return EXIT.done;
}

async function fromServer(path: string, input: CommandInput, terminal: Terminal): Promise<BackupFacts> {
  const server = await openServer(input, terminal);
  try {
    const stream = server.node
      .client(UpkeepService)
      .backup({}, { idleMs: BACKUP_SILENT_MS, credit: BACKUP_PIECES_AHEAD });
    const responses = stream[Symbol.asyncIterator]();
    const first = await responses.next();
    if (first.done) throw new CommandError("Cannot back up: the server sent nothing");
    const pieces = async function* () {
      for await (const { piece } of { [Symbol.asyncIterator]: () => responses }) yield piece;
    };
    const facts = JSON.parse(first.value.facts) as BackupFacts;
    return await keep(path, { facts, bytes: Number(first.value.bytes), pieces: pieces() }, terminal);
  } catch (error) {
    throw server.explain(error);
  } finally {
    await server.close();
  }
}

async function fromFolder(
  path: string,
  { folder, input, terminal }: { readonly folder: string; readonly input: CommandInput; readonly terminal: Terminal },
): Promise<BackupFacts> {
  const { appsAtRest } = await import("@orrery/platform");
  await using stopped = await openStopped(folder, input, terminal);
  await using backup = await openBackup({
    ...stopped,
    folder: join(folder, "spool"),
    parts: [appsAtRest(join(folder, "apps"))],
  });
  return await keep(path, { facts: backup.facts, bytes: backup.bytes, pieces: backup.read() }, terminal);
}

/** Writes it beside, and gives it its name once all of it is on the disk. */
async function keep(path: string, { facts, bytes, pieces }: Coming, terminal: Terminal): Promise<BackupFacts> {
  const partial = `${path}.partial`;
  let done = 0;
  try {
    const file = await open(partial, "w", 0o600);
    try {
      for await (const piece of pieces) {
        await file.writeFile(piece);
        done += piece.length;
        terminal.progress(`${formatBytes(done)} of ${formatBytes(bytes)}`);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (done !== bytes) throw new CommandError(`Cannot back up: ${done} of ${bytes} bytes came, try again`);
    await rename(partial, path);
    return facts;
  } finally {
    terminal.progress("");
    await rm(partial, { force: true });
  }
}
