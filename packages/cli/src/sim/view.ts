import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { toPage } from "@orrery/sim";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { loadRecording } from "./recording-file.ts";
import { writeLines } from "./write-lines.ts";

/** Writes a run as a page, and says where it is. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = ""] = input.words;
  const recording = await loadRecording(word, { input, terminal });
  const out = input.text("out") ?? `${basename(word, extname(word))}.html`;
  await writeLines(out, [toPage(recording)], { terminal, what: "the page" });
  const path = resolve(terminal.cwd, out);
  const { scenario, records, hash } = recording;
  const facts = { scenario, path, lines: records.length, hash };
  const text = input.text("output") === "json" ? JSON.stringify(facts) : pathToFileURL(path).href;
  await terminal.write(`${text}\n`);
  return EXIT.done;
}
