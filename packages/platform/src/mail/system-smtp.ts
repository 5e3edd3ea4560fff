import { OrreryError } from "@orrery/core";
import { SMTP_TIMEOUT_MS } from "./limits.ts";
import type { Mailer } from "./mailer.ts";
import { assertAddress } from "./write-mail.ts";

/** Options of a mail server. */
export interface SmtpOptions {
  /** `smtp://HOST:PORT` or `smtps://HOST:PORT`. */
  readonly url: string;
  /** From whom. */
  readonly from: string;
  /** Name and password at the server. Default: none are needed. */
  readonly login?: { readonly user: string; readonly pass: string };
}

/**
 * Sends letters by a mail server; TLS is used where the server has it, and is a must with `smtps` and wherever a password goes.
 * @throws OrreryError `invalid_argument` for another URL
 */
export async function openSmtp({ url, from, login }: SmtpOptions): Promise<Mailer & AsyncDisposable> {
  const { protocol, hostname, port } = URL.parse(url) ?? {};
  if ((protocol !== "smtp:" && protocol !== "smtps:") || !hostname)
    throw new OrreryError(
      "invalid_argument",
      `Cannot send mail by "${url}": write smtp://HOST:PORT or smtps://HOST:PORT`,
    );
  const { createTransport } = await import("nodemailer");
  const isLocal = hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]";
  const transport = createTransport({
    ...{ host: hostname, port: port ? Number(port) : protocol === "smtps:" ? 465 : 25, secure: protocol === "smtps:" },
    ...{ connectionTimeout: SMTP_TIMEOUT_MS, greetingTimeout: SMTP_TIMEOUT_MS, socketTimeout: SMTP_TIMEOUT_MS },
    ...(login === undefined ? {} : { auth: login, requireTLS: !isLocal }),
    ...(isLocal && { tls: { rejectUnauthorized: false } }),
  });
  return {
    send: async (mail) => {
      assertAddress(mail.to);
      try {
        await transport.sendMail({ ...mail, from });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new OrreryError("unavailable", `Cannot send mail by ${protocol}//${hostname}: ${why}`, { cause: error });
      }
    },
    [Symbol.asyncDispose]: async () => transport.close(),
  };
}
