import { basename } from "node:path";
import { newPodFile, parseImageName, parsePod } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, typed, usageError } from "../command-error.ts";
import { commandLine } from "../command-line.ts";
import { parsePort } from "../parse-port.ts";
import type { Terminal } from "../terminal.ts";
import { writeNewFile } from "./new-file.ts";
import { POD_FILE } from "./pod-file.ts";

/** Writes a pod file. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [file = POD_FILE] = input.words;
  const image = input.text("image");
  if (image === undefined)
    throw usageError(`Cannot write "${file}": --image is missing`, "orrery pod init --image=./web --http=8080");
  const name = input.text("name") ?? nameOf(image, terminal.cwd);
  const [cpu, memory] = [input.text("cpu"), input.text("memory")];
  const text = newPodFile({
    ...{ name, image, hosts: hostsOf(input, name), tcp: portsOf(input, "tcp"), udp: portsOf(input, "udp") },
    ...(cpu !== undefined && { cpu }),
    ...(memory !== undefined && { memory }),
  });
  await typed(() => parsePod(text, { file }));
  writeNewFile(file, text, terminal);
  await terminal.write(input.text("output") === "json" ? `${JSON.stringify({ file, name, image })}\n` : text);
  terminal.say(
    `Wrote ${file}. Next: ${commandLine(terminal, ["pod", "validate", ...(file === POD_FILE ? [] : [file])])}`,
  );
  return EXIT.done;
}

/** What an image is called, as pods are: the last part of its name, or of the folder. */
function nameOf(image: string, cwd: string): string {
  const { source } = parseImageName(image) ?? { source: image };
  const last = source.split("/").findLast((part) => part !== "" && part !== ".") ?? basename(cwd);
  const name = last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, NAME_LENGTH_MAX);
  return name.replace(/-+$/, "") || "app";
}

/** Letters of a name that pods take. */
const NAME_LENGTH_MAX = 40;

function hostsOf(input: CommandInput, name: string) {
  const [ports, hosts] = [portsOf(input, "http"), input.texts("host")];
  if (hosts.length > ports.length)
    throw usageError(`Cannot read flag --host: host "${hosts[ports.length]}" has no port, write --http=PORT for each`);
  return ports.map((port, at) => ({ port, host: hosts[at] ?? (at === 0 ? `${name}.test` : `${name}-${at + 1}.test`) }));
}

function portsOf(input: CommandInput, flag: string): readonly number[] {
  return input.texts(flag).map((text) => parsePort(text, flag));
}
