import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@orrery/core";
import { CommandError, EXIT } from "../command-error.ts";
import { LETTER_LOOK_MS, LETTER_WAIT_MS, LETTERS_MAX } from "./limits.ts";

/** A folder in which letters arrive, a file each: that of `orrery up`, or a Maildir that a mail server fills. */
export interface Mailbox {
  /** The code in the newest letter to an address; waits for it. @throws CommandError where none comes */
  code(email: string): Promise<string>;
  /** Takes away all letters to it. */
  clear(email: string): void;
}

/** Opens it. */
export function openMailbox(folder: string, clock: Clock): Mailbox {
  const letters = (email: string) =>
    filesIn(folder).flatMap((file) => {
      const text = readFileSync(file, "utf8");
      return text.split(/\r?\n\r?\n/, 1)[0]?.includes(email) ? [{ file, text }] : [];
    });
  return {
    code: async (email) => {
      for (let waited = 0; waited < LETTER_WAIT_MS; waited += LETTER_LOOK_MS) {
        for (const { text } of letters(email)) {
          const [, code] = /Your code is (\S+)/.exec(text) ?? [];
          if (code !== undefined) return code;
        }
        await clock.sleep(LETTER_LOOK_MS);
      }
      throw new CommandError(`Cannot read a code: no letter to ${email} came into "${folder}"`, { exit: EXIT.timeout });
    },
    clear: (email) => {
      for (const { file } of letters(email)) rmSync(file, { force: true });
    },
  };
}

/** The newest first, by their names, which begin with the time. @throws CommandError where the folder is not there */
function filesIn(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .sort((a, b) => (a.name < b.name ? 1 : -1))
      .slice(0, LETTERS_MAX)
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (cause) {
    throw new CommandError(`Cannot read letters in "${folder}": ${(cause as Error).message}`, {
      exit: EXIT.notFound,
      tip: "orrery admin e2e --mailbox=DIR, where letters of the platform arrive",
      cause,
    });
  }
}
