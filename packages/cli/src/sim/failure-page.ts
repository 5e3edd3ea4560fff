import { sayFailure, toMermaid } from "@orrery/sim";
import type { ShownTape } from "./tell-tape.ts";

/** Writes a failure as a page of Markdown: what failed, its script, which `--script` reads from the page, a picture, how to replay it. */
export function failurePage(shown: ShownTape): readonly string[] {
  const { file, run, recording, script, replay } = shown;
  return [
    `# ${file.scenario.name}`,
    "",
    run.failure === undefined ? "It holds." : sayFailure(run.failure),
    "",
    "```sh",
    replay,
    "```",
    "",
    "## What leads to it",
    "",
    "```orrery-script",
    ...script,
    "```",
    "",
    "## What happens",
    "",
    "```mermaid",
    toMermaid(recording).trimEnd(),
    "```",
  ];
}
