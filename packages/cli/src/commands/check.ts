import { COMMON_FLAGS, type CommandData } from "../command.ts";

/** `orrery check` */
export const checkCommand: CommandData = {
  name: "check",
  summary: "Tell all that components lack before they can start",
  description:
    "Looks at what the component.yaml of each folder asks for: Node, packages, variables, files, ports, disk, memory, places to reach, and checks of its own. Starts nothing else. Tells all that is missing at once, a line each with what would work, and ends with 1. A folder without a component.yaml needs nothing.",
  words: { usage: "FILE-or-DIR…", summary: "Folders of components, or scripts in them", min: 0 },
  flags: [
    {
      name: "schema",
      kind: "switch",
      summary: "Print the JSON Schema of component.yaml, for editors, and look at nothing",
    },
    ...COMMON_FLAGS,
  ],
  examples: [
    { words: "check shop bank", does: "what these two lack" },
    { words: "check shop --output=json", does: "the same for a program" },
    { words: "check --schema", does: "the schema, for an editor" },
  ],
  load: () => import("../check/run.ts"),
};
