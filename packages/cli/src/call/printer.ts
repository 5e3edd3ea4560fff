import { type MethodOf, replyToJson } from "../fields/index.ts";
import type { Terminal } from "../terminal.ts";

/** Options of a printer. */
export interface PrinterOptions {
  /** `text`: JSON with indents; `json`: JSON on one line; `raw`: the bytes of the reply. */
  readonly form: string;
  readonly terminal: Terminal;
}

/** Prints what comes back from a call to standard output. */
export interface Printer {
  /** Prints the one reply. */
  one(value: unknown): Promise<void>;
  /** Prints an item of a stream on a line of its own; gives false when nobody reads any more. */
  item(value: unknown): Promise<boolean>;
  /** Says what became of a message that has no reply. */
  note(what: "accepted" | "sent"): Promise<void>;
}

/** Makes a printer of a method's replies. */
export function createPrinter(of: MethodOf, { form, terminal }: PrinterOptions): Printer {
  const line = (value: unknown) => terminal.write(`${jsonOf(of, value)}\n`);
  const bytesOf = (value: unknown) => (value instanceof Uint8Array ? value : of.method.reply.encode(value));
  return {
    async one(value) {
      if (form === "raw") await terminal.writeBytes(bytesOf(value));
      else if (form === "json") await line(value);
      else await terminal.write(`${forPeople(of, value)}\n`);
    },
    async item(value) {
      if (form !== "raw") return await line(value);
      const isJson = of.method.reply.contentType === "application/json";
      return await terminal.writeBytes(isJson ? Buffer.concat([bytesOf(value), Buffer.from("\n")]) : bytesOf(value));
    },
    async note(what) {
      if (form !== "raw") await terminal.write(form === "json" ? `{"${what}":true}\n` : `${what}\n`);
    },
  };
}

function jsonOf(of: MethodOf, value: unknown, indent?: number): string {
  // What a schema made of a value may be more than JSON.
  const plain = (_key: string, item: unknown) => (typeof item === "bigint" ? String(item) : item);
  return JSON.stringify(replyToJson(of, value), plain, indent) ?? "null";
}

function forPeople(of: MethodOf, value: unknown): string {
  if (!(value instanceof Uint8Array)) return jsonOf(of, value, 2);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(value);
  } catch {
    return Buffer.from(value).toString("base64"); // A screen is no place for any byte.
  }
}
