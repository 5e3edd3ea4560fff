import type { FlagData } from "../command.ts";

/** Keys of a command in an encrypted network. */
export const KEYS_FLAG: FlagData = {
  name: "key-file",
  kind: "value",
  placeholder: "FILE",
  summary: "Its secret key, for hosts that encrypt; that of this project's host by default",
};

/** Flags by which a command finds components. Without any of them: what `orrery run` runs in this project. */
export const REACH_FLAGS: readonly FlagData[] = [
  { name: "address", kind: "value", placeholder: "ADDRESS", summary: "Node to ask, such as tcp://127.0.0.1:7101" },
  { name: "directory", kind: "value", placeholder: "FILE", summary: "Where components are" },
  KEYS_FLAG,
  {
    name: "with",
    kind: "values",
    placeholder: "FILE",
    summary: "Run these components in this process, just for this command; may be repeated",
  },
];
