import { OrreryError } from "@orrery/core";

/** Text of an amount, for no number of JSON holds it. */
const AMOUNT = /^\d{1,78}n$/;

/** A record as JSON on one line, with amounts as texts that end in `n`. */
export function printRecord(record: unknown): string {
  return `${JSON.stringify(record, (_key, value) => (typeof value === "bigint" ? `${value}n` : value))}\n`;
}

/** Reads what `printRecord` wrote. @throws OrreryError `data_loss` for what is no record */
export function parseRecord<T>(text: string, what: string): T {
  try {
    const value: unknown = JSON.parse(text, (_key, part) =>
      typeof part === "string" && AMOUNT.test(part) ? BigInt(part.slice(0, -1)) : part,
    );
    if (typeof value !== "object" || value === null) throw new Error("it is no record");
    return value as T;
  } catch (error) {
    throw new OrreryError("data_loss", `Cannot read ${what}: ${(error as Error).message}`, { cause: error });
  }
}
