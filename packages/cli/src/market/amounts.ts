import { parseAmount, type TokenFacts } from "@orrery/market";
import { usageError } from "../command-error.ts";

/** Reads an amount that is typed, such as `100` or `0.5`, as base units. @throws CommandError for what is none, or finer than the token */
export function typedAmount(said: string, token: TokenFacts): bigint {
  try {
    return parseAmount(said, token);
  } catch (cause) {
    throw usageError((cause as Error).message);
  }
}
