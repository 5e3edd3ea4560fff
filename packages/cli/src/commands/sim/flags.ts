import type { FlagData } from "../../command.ts";

/** What a scenario's file is, for words that name one. */
export const SCENARIO_WORDS = {
  usage: "FILE",
  summary: "Script that exports a scenario as default, such as payments.sim.ts",
  min: 1,
  max: 1,
} as const;

/** The seed of one run. */
export const SEED_FLAG: FlagData = {
  name: "seed",
  kind: "value",
  placeholder: "N",
  default: "1",
  summary: "All chance of the run comes from it",
};

/** How a run that is known is named. */
export const TAPE_FLAGS: readonly FlagData[] = [
  { name: "tape", kind: "value", placeholder: "WORD", summary: "Tape of a run, as a command printed it" },
  {
    name: "script",
    kind: "value",
    placeholder: "FILE",
    summary: "The same from a file: lines of a script, a tape as JSON, or what --save wrote",
  },
];

/** Where the trace of a run goes. */
export const TRACE_FLAG: FlagData = {
  name: "trace",
  kind: "value",
  placeholder: "FILE",
  summary: "Write the trace, for orrery sim trace, diff and view",
};

/** Whether nodes are heard. */
export const LOG_FLAG: FlagData = {
  name: "log",
  kind: "switch",
  summary: "Print the nodes' log lines, at the time of their world",
};

/** How fast a run goes. */
export const SPEED_FLAG: FlagData = {
  name: "speed",
  kind: "value",
  placeholder: "X",
  summary: "1 as fast as the machine's time passes, 10 ten times as fast; as fast as can be by default",
};

/** Where a failure is kept. */
export const SAVE_FLAG: FlagData = {
  name: "save",
  kind: "value",
  placeholder: "FILE",
  summary: "Write the failure as a page of Markdown: script, sequence diagrams, how to replay it",
};
