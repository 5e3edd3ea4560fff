import { certificateNames, type Evidence } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode } from "../command-error.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { readAttestFile } from "./attest-file.ts";

/** Prints what evidence says. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [name = ""] = input.words;
  const { evidence } = await readAttestFile(name, terminal);
  if (evidence === undefined) throw new CommandError(`Cannot show "${name}": it has no evidence`, { exit: EXIT.usage });
  await terminal.write(input.text("output") === "json" ? `${JSON.stringify(evidence)}\n` : textOf(evidence));
  return EXIT.done;
}

function textOf({ kind, claims, measurements, pod, certificates }: Evidence): string {
  const { nonce, session, sealTo, manifest, images, madeAt } = claims;
  const rows = [
    ["kind", kind === "none" ? "none: it proves nothing" : kind],
    ["made", new Date(madeAt * 1_000).toISOString()],
    ["nonce", JSON.stringify(nonce)],
    ["pod", manifest],
    ...images.map((image) => ["image", image]),
    ["session key", session],
    ["keys are wrapped to", sealTo],
    ...measurements.map((one, at) => [
      one.kind === "base" ? `base ${one.name}` : at === pod.index ? "this pod" : "another pod",
      `sha256:${one.digest}`,
    ]),
    ...certificateNames(certificates).map((of) => ["certificate", of]),
  ];
  return `${table(rows).join("\n")}\n`;
}
