import { OrreryError } from "@orrery/core";
import type { Mail } from "./mailer.ts";

/** What a letter has beside what it says. */
export interface MailHead {
  readonly from: string;
  /** In ms since 1970. */
  readonly at: number;
  /** Unique among all letters. */
  readonly id: string;
}

/** Writes a letter as RFC 5322 has it. @throws OrreryError `invalid_argument` for an address that is none */
export async function writeMail(mail: Mail, { from, at, id }: MailHead): Promise<Buffer> {
  assertAddress(mail.to);
  const { default: Composer } = await import("nodemailer/lib/mail-composer/index.js");
  const host = from.slice(from.lastIndexOf("@") + 1).replace(/>$/, "");
  const composer = new Composer({ ...mail, from, date: new Date(at), messageId: `<${id}@${host}>` });
  return composer.compile().build();
}

/** @throws OrreryError `invalid_argument` where a letter could not go there, or would go elsewhere too */
export function assertAddress(to: string): void {
  if (to.length <= 254 && /^[^\s@<>,;:"\\()[\]]+@[^\s@<>,;:"\\()[\]]+$/.test(to)) return;
  const shown = JSON.stringify(to.slice(0, 100));
  throw new OrreryError("invalid_argument", `Cannot send mail to ${shown}: it is no address, such as ann@example.com`);
}
