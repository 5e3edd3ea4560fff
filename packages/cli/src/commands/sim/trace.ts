import { COMMON_FLAGS, type CommandData } from "../../command.ts";
import { SEED_FLAG, TAPE_FLAGS } from "./flags.ts";

/** `orrery sim trace` */
export const simTraceCommand: CommandData = {
  name: "sim trace",
  summary: "Show a trace, or write it for other tools",
  description:
    "FILE is a trace that --trace has written, or a scenario, which is run for it. timeline draws nodes side by side; ndjson is the trace itself, line by line; perfetto is for ui.perfetto.dev, otel for collectors of OpenTelemetry, mermaid is a sequence diagram, of one flow or of a short run.",
  words: { usage: "FILE", summary: "A trace, or the script of a scenario", min: 1, max: 1 },
  flags: [
    {
      name: "as",
      kind: "value",
      choices: ["timeline", "ndjson", "perfetto", "otel", "mermaid"],
      default: "timeline",
      placeholder: "FORM",
      summary: "Form in which it is written",
    },
    { name: "flow", kind: "value", placeholder: "NAME", summary: "Only one flow, by its name or as node/id" },
    {
      name: "node",
      kind: "values",
      placeholder: "NAME",
      summary: "Only what nodes send or are sent (timeline, ndjson)",
    },
    {
      name: "kind",
      kind: "values",
      placeholder: "KIND",
      summary: "Only lines of a kind, such as log or fault (ndjson)",
    },
    { name: "from", kind: "value", placeholder: "TIME", summary: "From a time of the world on (timeline, ndjson)" },
    { name: "to", kind: "value", placeholder: "TIME", summary: "Up to a time of the world (timeline, ndjson)" },
    { name: "out", kind: "value", placeholder: "FILE", summary: "Write it to a file" },
    SEED_FLAG,
    ...TAPE_FLAGS,
    ...COMMON_FLAGS,
  ],
  examples: [
    { words: "sim trace run.trace --flow=checkout-7", does: "one flow, in a terminal" },
    { words: "sim trace payments.sim.ts --seed=7 --as=perfetto --out=run.json", does: "for ui.perfetto.dev" },
    { words: "sim trace run.trace --as=ndjson --kind=log", does: "what was logged" },
  ],
  load: () => import("../../sim/trace.ts"),
};
