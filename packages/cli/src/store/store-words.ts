import type { CommandInput } from "../command.ts";
import { readCount, readSpace } from "../spaces/space-place.ts";
import type { Terminal } from "../terminal.ts";

/** Which entry is meant. */
export interface StorePlaceWish {
  readonly space: string;
  readonly database: string;
  readonly table: string;
}

/** Reads which table is meant. */
export function readTable(input: CommandInput, terminal: Terminal): StorePlaceWish {
  const [database = "main", table = "main"] = [input.text("database"), input.text("table")];
  return { space: readSpace(input, terminal), database, table };
}

/** Reads at which version alone something is to be done. */
export function readVersion(input: CommandInput): { readonly ifVersion?: bigint } {
  const count = readCount(input, "if-version");
  return count === undefined ? {} : { ifVersion: BigInt(count) };
}
