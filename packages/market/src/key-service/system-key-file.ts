import { type FileHandle, mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import { replaceFile } from "@orrery/mesh/internal";
import { readWrap } from "../artifact/key-wrap.ts";
import { createKeyBook, KEY_EVENTS, type KeptKey, type KeyBook, type KeyEvent } from "./key-book.ts";
import { readKeyPolicy } from "./key-policy.ts";
import { COMPACT_LINES } from "./limits.ts";

/** A book in a file of lines, one for each thing that happened. Owns: the file. I1: what was told is on the disk. */
export interface KeyFile extends AsyncDisposable {
  readonly book: KeyBook;
  /** Writes down what happened, then has the book take it. Of what need not outlive a fall, the machine is not waited for. */
  write(event: KeyEvent, options?: { readonly mayBeLost?: boolean }): Promise<void>;
}

const NAME = "keys.jsonl";

/**
 * Opens the file of a folder, or makes it. A line that a fall left half written is dropped: nobody was told of it.
 * @throws OrreryError `data_loss` with the number of the line that cannot be read
 */
export async function openKeyFileOf(folder: string): Promise<KeyFile> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, NAME);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return "";
  });
  const book = createKeyBook();
  const lines = text.split("\n").slice(0, -1);
  for (const [at, line] of lines.entries()) take(line, book, { path, number: at + 1 });
  let file: FileHandle = await compact(path, book);
  let count = 0;
  const oneAtATime = createOneAtATime();
  return {
    book,
    write: (event, { mayBeLost = false } = {}) =>
      oneAtATime(path, async () => {
        await file.appendFile(`${JSON.stringify(event)}\n`);
        if (!mayBeLost) await file.sync(); // I1
        book.apply(event);
        if (++count < COMPACT_LINES) return;
        count = 0;
        await file.close();
        file = await compact(path, book);
      }),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** Writes the file anew as what it comes to, and opens it. */
async function compact(path: string, book: KeyBook): Promise<FileHandle> {
  const lines = [...book.all()].map((kept) => `${JSON.stringify({ kept })}\n`);
  await replaceFile(path, lines.join(""));
  return open(path, "a", 0o600);
}

function take(line: string, book: KeyBook, { path, number }: { readonly path: string; readonly number: number }): void {
  try {
    const said = JSON.parse(line) as KeyEvent & { readonly kept?: KeptKey };
    const { kept, put } = said;
    const checked = <T extends Pick<KeptKey, "wrap" | "policy">>(one: T): T => ({
      ...one,
      wrap: readWrap(JSON.stringify(one.wrap)),
      policy: readKeyPolicy(JSON.stringify(one.policy)),
    });
    if (kept !== undefined) book.restore(checked(kept));
    else if (KEY_EVENTS.includes(said.kind)) book.apply(put === undefined ? said : { ...said, put: checked(put) });
    else throw new Error(`"${said.kind}" is nothing that happens`);
  } catch (cause) {
    const why = `${(cause as Error).message}; restore it from a copy`;
    throw new OrreryError("data_loss", `Cannot read line ${number} of "${path}": ${why}`, { cause });
  }
}
