import type { Hex } from "viem";
import { amountsJson } from "../amounts-json.ts";
import type { Account, Terms } from "../lease/terms.ts";
import { LEASE_TYPES } from "../lease/typed-data.ts";
import { type Amounts, RESERVED, type Resource, USED } from "../meter/prices.ts";
import { saidJson } from "../said-json.ts";
import type { Quote } from "./quote.ts";

/** Bits of a number that JSON and TypeScript have as one; longer ones are decimal text there. */
const NUMBER_BITS_MAX = 48;
const RESOURCES: readonly Resource[] = [...RESERVED, ...USED];
/** Most letters of a quote. */
const LETTERS_MAX = 65_536;
const said = saidJson("quote", LETTERS_MAX);

/** A quote as JSON: amounts of money are decimal text. */
export function writeQuote(quote: Quote): string {
  return amountsJson(quote);
}

/** Reads what `writeQuote` writes. @throws OrreryError `invalid_argument` for anything else, with what is wrong and where */
export function readQuote(text: string): Quote {
  const whole = said.parse(text);
  const domain = said.object(whole["domain"], "domain");
  const terms = said.object(whole["terms"], "terms");
  return {
    terms: Object.fromEntries(
      LEASE_TYPES.Terms.map(({ name, type }) => [name, scalarOf(terms[name], type, `terms.${name}`)]),
    ) as unknown as Terms,
    prices: amountsOf(whole["prices"], "prices"),
    reserved: amountsOf(whole["reserved"], "reserved"),
    usedAtMost: amountsOf(whole["usedAtMost"], "usedAtMost"),
    domain: {
      chainId: scalarOf(domain["chainId"], "uint32", "domain.chainId") as number,
      contract: scalarOf(domain["contract"], "address", "domain.contract") as Account,
    },
    signature: hexOf(whole["signature"], 65, "signature"),
  };
}

function scalarOf(value: unknown, type: string, place: string): string | number | bigint {
  if (type === "address") return hexOf(value, 20, place);
  if (type === "bytes32") return hexOf(value, 32, place);
  const bits = Number(type.slice("uint".length));
  return bits > NUMBER_BITS_MAX ? amountOf(value, BigInt(bits), place) : said.whole(value, place, 2 ** bits - 1);
}

function amountsOf(value: unknown, place: string): Amounts {
  const entries = Object.entries(said.object(value, place)).map(([name, amount]) => {
    if (!RESOURCES.some((one) => one === name))
      throw said.refusal(`${place}.${name}`, `is no resource: write one of ${RESOURCES.join(", ")}`);
    return [name, amountOf(amount, 128n, `${place}.${name}`)] as const;
  });
  return Object.fromEntries(entries);
}

function amountOf(value: unknown, bits: bigint, place: string): bigint {
  const what = `digits as text, for a whole number below 2^${bits}`;
  const amount = BigInt(said.text(value, place, { pattern: /^(0|[1-9]\d{0,77})$/, what }));
  if (amount >> bits === 0n) return amount;
  throw said.refusal(place, `is ${said.shown(value)}: write ${what}`);
}

function hexOf(value: unknown, bytes: number, place: string): Hex {
  const pattern = new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`);
  return said.text(value, place, { pattern, what: `0x and ${bytes} bytes in hex` }) as Hex;
}
