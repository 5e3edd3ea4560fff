import { OrreryError } from "@orrery/core";
import type { Hex } from "viem";
import type { Account, Terms } from "../lease/terms.ts";
import { LEASE_TYPES } from "../lease/typed-data.ts";
import { type Amounts, RESERVED, type Resource, USED } from "../meter/prices.ts";
import type { Quote } from "./quote.ts";

/** Bits of a number that JSON and TypeScript have as one; longer ones are decimal text there. */
const NUMBER_BITS_MAX = 48;
const RESOURCES: readonly Resource[] = [...RESERVED, ...USED];

/** A quote as JSON: amounts of money are decimal text. */
export function writeQuote(quote: Quote): string {
  return JSON.stringify(quote, (_name, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

/** Reads what `writeQuote` writes. @throws OrreryError `invalid_argument` for anything else, with what is wrong and where */
export function readQuote(text: string): Quote {
  const said = objectOf(parse(text), "");
  const domain = objectOf(said["domain"], "domain");
  const terms = objectOf(said["terms"], "terms");
  return {
    terms: Object.fromEntries(
      LEASE_TYPES.Terms.map(({ name, type }) => [name, scalarOf(terms[name], type, `terms.${name}`)]),
    ) as unknown as Terms,
    prices: amountsOf(said["prices"], "prices"),
    reserved: amountsOf(said["reserved"], "reserved"),
    usedAtMost: amountsOf(said["usedAtMost"], "usedAtMost"),
    domain: {
      chainId: scalarOf(domain["chainId"], "uint32", "domain.chainId") as number,
      contract: scalarOf(domain["contract"], "address", "domain.contract") as Account,
    },
    signature: hexOf(said["signature"], 65, "signature"),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw wrong("", "is no JSON", cause);
  }
}

function scalarOf(said: unknown, type: string, place: string): string | number | bigint {
  if (type === "address") return hexOf(said, 20, place);
  if (type === "bytes32") return hexOf(said, 32, place);
  const bits = Number(type.slice("uint".length));
  if (bits > NUMBER_BITS_MAX) return wholeOf(said, BigInt(bits), place);
  if (typeof said === "number" && Number.isInteger(said) && said >= 0 && said < 2 ** bits) return said;
  throw wrong(place, `is ${shown(said)}: write a whole number from 0 to ${2 ** bits - 1}`);
}

function amountsOf(said: unknown, place: string): Amounts {
  const entries = Object.entries(objectOf(said, place)).map(([name, amount]) => {
    if (!RESOURCES.some((one) => one === name))
      throw wrong(`${place}.${name}`, `is no resource: write one of ${RESOURCES.join(", ")}`);
    return [name, wholeOf(amount, 128n, `${place}.${name}`)] as const;
  });
  return Object.fromEntries(entries);
}

function wholeOf(said: unknown, bits: bigint, place: string): bigint {
  if (typeof said === "string" && /^(0|[1-9]\d{0,77})$/.test(said)) {
    const value = BigInt(said);
    if (value >> bits === 0n) return value;
  }
  throw wrong(place, `is ${shown(said)}: write digits as text, for a whole number below 2^${bits}`);
}

function hexOf(said: unknown, bytes: number, place: string): Hex {
  if (typeof said === "string" && said.length === 2 + bytes * 2 && /^0x[0-9a-fA-F]*$/.test(said)) return said as Hex;
  throw wrong(place, `is ${shown(said)}: write 0x and ${bytes} bytes in hex`);
}

function objectOf(said: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof said === "object" && said !== null && !Array.isArray(said)) return said as Record<string, unknown>;
  throw wrong(place, `is ${shown(said)}: write an object`);
}

function shown(said: unknown): string {
  return (JSON.stringify(said) ?? "missing").slice(0, 100);
}

function wrong(place: string, why: string, cause?: unknown): OrreryError {
  return new OrreryError("invalid_argument", `Cannot read the quote: ${place === "" ? "it" : `"${place}"`} ${why}`, {
    cause,
  });
}
