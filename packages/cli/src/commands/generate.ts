import { COMMON_FLAGS, type CommandData } from "../command.ts";

/** `orrery generate` */
export const generateCommand: CommandData = {
  name: "generate",
  summary: "Write TypeScript from .proto files",
  description:
    "Reads every .proto file below DIR/proto, or below DIR when it has no such folder, and writes TypeScript into the folder gen beside it. orrery/v1/contract.proto can be imported and needs no copy. Files that are right are not touched; generated ones whose source is gone are removed.",
  words: { usage: "[DIR]", summary: "Folder of the project; the current one by default", min: 0, max: 1 },
  flags: [
    {
      name: "out",
      kind: "value",
      placeholder: "DIR",
      summary: "Folder for the code; gen beside the .proto files by default",
    },
    ...COMMON_FLAGS,
  ],
  examples: [
    { words: "generate", does: "proto/**/*.proto to gen/**/*_pb.ts" },
    { words: "generate contracts --out=contracts/gen", does: "another folder, another output" },
  ],
  load: () => import("../generate/run.ts"),
};
