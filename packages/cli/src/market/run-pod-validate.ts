import { missingBeside, printAmounts, printImageName, reservedBy } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode } from "../command-error.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { type PodFile, readPodFile } from "./pod-file.ts";

/** Says what is wrong with a pod file, or what would be held for it. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const found = await readPodFile(input, terminal);
  assertAllThere(found);
  await terminal.write(input.text("output") === "json" ? jsonOf(found) : textOf(found));
  return EXIT.done;
}

/** @throws CommandError with all that the file names and is not there */
export function assertAllThere(found: PodFile): void {
  const missing = missingBeside(found.pod, found.folder);
  if (missing.length > 0)
    throw new CommandError(`Cannot use "${found.file}": ${missing.join("; ")}`, { exit: EXIT.notFound });
}

function jsonOf({ file, pod }: PodFile): string {
  const reserved = Object.fromEntries(Object.entries(reservedBy(pod)).map(([name, amount]) => [name, String(amount)]));
  const containers = pod.containers.map(({ name, image, ports }) => ({ name, image: printImageName(image), ports }));
  return `${JSON.stringify({ file, valid: true, name: pod.name, replicas: pod.replicas, containers, reserved })}\n`;
}

function textOf({ file, pod }: PodFile): string {
  const containers = pod.containers.map(({ name, image, ports }) => [
    name,
    printImageName(image),
    ports
      .map((port) =>
        port.protocol === "http" ? `http://${port.host} at ${port.port}` : `${port.protocol} ${port.port}`,
      )
      .join(", "),
  ]);
  const heading = `${file} is valid: pod "${pod.name}", ${pod.replicas === 1 ? "one copy" : `${pod.replicas} copies`}`;
  return `${[heading, ...table(containers, 2), `  held for it: ${printAmounts(reservedBy(pod))}`].join("\n")}\n`;
}
