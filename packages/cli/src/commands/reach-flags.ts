import type { FlagData } from "../command.ts";
import { ENV_FLAG } from "./resource-flags.ts";

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

/** Flags by which a command finds services of a platform. */
export const PLATFORM_FLAGS: readonly FlagData[] = [
  ENV_FLAG,
  {
    name: "space",
    kind: "value",
    placeholder: "SPACE",
    summary: "Space whose apps are meant; else ORRERY_SPACE, else that of the environment",
  },
  { name: "app", kind: "value", placeholder: "ADDRESS", summary: "App whose service is meant, where several have it" },
];
