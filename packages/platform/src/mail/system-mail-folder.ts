import { mkdirSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Random, randomName } from "@orrery/core";
import type { Mailer } from "./mailer.ts";
import { writeMail } from "./write-mail.ts";

/** Options of a folder of letters. */
export interface MailFolderOptions {
  readonly folder: string;
  /** From whom. */
  readonly from: string;
  readonly clock: Pick<Clock, "now">;
  readonly random: Random;
}

/** Keeps letters as files `TIME-NAME.eml` in a folder, which only this user reads: nobody sends them. */
export function openMailFolder({ folder, from, clock, random }: MailFolderOptions): Mailer {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    send: async (mail) => {
      const at = clock.now();
      const name = `${new Date(at).toISOString().replaceAll(":", "")}-${randomName(random)}`;
      const [draft, whole] = [join(folder, `.${name}`), join(folder, `${name}.eml`)];
      const file = await open(draft, "wx", 0o600);
      try {
        await file.writeFile(await writeMail(mail, { from, at, id: name }));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, whole);
    },
  };
}
