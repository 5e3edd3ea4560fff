/** How long a mail server may take for each step, in ms. */
export const SMTP_TIMEOUT_MS = 20_000;
