import type { Kind } from "@orrery/registry";
import { LOG_PATTERN_LENGTH } from "./limits.ts";
import { LOG_THRESHOLDS } from "./log-threshold.ts";

/** Name of what has levels of logs obeyed; stands among the finalizers of each. */
export const LOG_LEVEL_DRIVER = "orrery.logs";

/** From which level on the lines of some addresses of a Space are kept. */
export const LOG_LEVEL_KIND: Kind = {
  name: "LogLevel",
  summary: "From which level on lines of apps, components and mechtrons of its space are kept in their logs",
  parents: ["Space"],
  segments: ["name"],
  driver: LOG_LEVEL_DRIVER,
  properties: {
    pattern: {
      summary: "Whose lines: an address of its space, in which * stands for one step and ** at the end for more",
      schema: { type: "string", minLength: 1, maxLength: LOG_PATTERN_LENGTH },
      required: true,
      constant: true,
    },
    level: {
      summary: "At debug each message makes a line, too; off keeps none",
      schema: { enum: [...LOG_THRESHOLDS] },
      required: true,
    },
  },
};
