import { COMMON_FLAGS, type CommandData } from "../command.ts";

/** `orrery new` */
export const newCommand: CommandData = {
  name: "new",
  summary: "Make a project with one component",
  description:
    "Makes a folder with a component, its test, and what Node and TypeScript need to run and check it. Nothing is installed, and a folder that exists is never touched.",
  words: { usage: "NAME", summary: "Name of the project and of its folder", min: 1, max: 1 },
  flags: [
    {
      name: "proto",
      kind: "switch",
      summary: "Write the contract in protobuf, with its generated code, instead of as a schema",
    },
    ...COMMON_FLAGS,
  ],
  examples: [
    { words: "new hello", does: "makes the folder hello" },
    { words: "new hello --proto", does: "the same, with a .proto file for the contract" },
  ],
  load: () => import("../new/run.ts"),
};
