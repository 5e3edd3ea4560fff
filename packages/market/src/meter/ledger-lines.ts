import { OrreryError } from "@orrery/core";
import type { Digest } from "../lease/terms.ts";
import type { Entry } from "./ledger.ts";
import type { Amounts } from "./prices.ts";

const AMOUNT = /^\d{1,40}$/;
const DIGEST = /^0x[\da-f]{64}$/;

/** A line of a file: JSON, with amounts as texts, for no number of JSON holds them. */
export function printEntry({ number, from, to, reserved, used, before, digest }: Entry): string {
  const texts = (amounts: Amounts) =>
    Object.fromEntries(Object.entries(amounts).map(([resource, amount]) => [resource, String(amount)]));
  return `${JSON.stringify({ number, from, to, reserved: texts(reserved), used: texts(used), before, digest })}\n`;
}

/** Reads a line of a file. @throws OrreryError `data_loss` with the number of the line */
export function parseEntry(text: string, line: number): Entry {
  try {
    const { number, from, to, reserved, used, before, digest } = JSON.parse(text) as Record<string, unknown>;
    const isEntry = [number, from, to].every(Number.isSafeInteger) && isDigest(before) && isDigest(digest);
    if (!isEntry) throw new Error("a field is missing");
    return {
      ...{ number: number as number, from: from as number, to: to as number },
      ...{ reserved: amountsOf(reserved), used: amountsOf(used) },
      ...{ before: before as Digest, digest: digest as Digest },
    };
  } catch (error) {
    throw new OrreryError("data_loss", `Cannot read line ${line} of the ledger: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function isDigest(value: unknown): boolean {
  return typeof value === "string" && DIGEST.test(value);
}

function amountsOf(texts: unknown): Amounts {
  const pairs = Object.entries(texts as object).map(([resource, text]) => {
    if (typeof text !== "string" || !AMOUNT.test(text)) throw new Error(`"${resource}" is no amount`);
    return [resource, BigInt(text)];
  });
  return Object.fromEntries(pairs) as Amounts;
}
