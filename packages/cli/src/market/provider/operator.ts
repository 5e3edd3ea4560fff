import { askProvider, type ControlAct, type Overview, parseRecord } from "@orrery/market";
import type { CommandInput } from "../../command.ts";
import { usageError } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { askBench } from "../bench/bench-client.ts";
import { type BenchPlace, findMarket } from "../market-file.ts";
import { readProviderFile } from "./provider-file.ts";

/** Asks a provider that runs for something, and tells how it stands then. */
export type Operator = (act: ControlAct) => Promise<Overview>;

/** Who is asked: the provider of a file, or the one of a bench that `--provider` names. @throws CommandError where there is none */
export async function operatorOf(input: CommandInput, terminal: Terminal): Promise<Operator> {
  const named = benchProviderOf(input, terminal);
  if (named === undefined) {
    const { data } = await readProviderFile(input, terminal);
    return (act) => askProvider(data, act);
  }
  return async (act) => {
    const { overview } = await askBench(named.bench, "operate", { name: named.name, act });
    return parseRecord<Overview>(overview, "the provider's answer");
  };
}

/** A provider of a bench, and the folder of that. */
export interface BenchProviderPlace {
  readonly name: string;
  readonly bench: BenchPlace;
  readonly folder: string;
}

/** The provider of a bench that is named; undefined where none is. @throws CommandError where there is no bench */
export function benchProviderOf(input: CommandInput, terminal: Terminal): BenchProviderPlace | undefined {
  const name = input.text("provider");
  if (name === undefined) return undefined;
  const { bench, file, folder } = findMarket(input, terminal);
  if (bench === undefined)
    throw usageError(
      `Cannot use --provider=${name}: "${file}" is of no bench; name the file of your provider by --file`,
    );
  return { name, bench, folder };
}
