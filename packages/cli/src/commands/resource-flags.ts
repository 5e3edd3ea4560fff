import { COMMON_FLAGS, type FlagData } from "../command.ts";

/** The platform that a command is about, by a name. */
export const ENV_FLAG: FlagData = {
  name: "env",
  kind: "value",
  placeholder: "NAME",
  summary: "Environment to ask; else ORRERY_ENV, else the one in use",
};

/** Flags by which a command finds the server that keeps resources, and says as whom. */
export const SERVER_FLAGS: readonly FlagData[] = [
  {
    name: "to",
    kind: "value",
    placeholder: "ADDRESS",
    summary: "Server to ask; else ORRERY_SERVER, else the environment in use, see orrery env",
  },
  ENV_FLAG,
  {
    name: "agent",
    kind: "value",
    placeholder: "NAME",
    summary: "On whose behalf, at a server of this machine; who is logged in, or operator, by default",
  },
  { name: "key-file", kind: "value", placeholder: "FILE", summary: "Keys by which the server knows who asks" },
  { name: "timeout", kind: "value", placeholder: "TIME", default: "10s", summary: "Longest wait for an answer" },
  ...COMMON_FLAGS,
];

/** Flags by which a command finds a Space, and the server that has it. */
export const SPACE_FLAGS: readonly FlagData[] = [
  {
    name: "space",
    kind: "value",
    placeholder: "SPACE",
    summary:
      "The space that is meant; else ORRERY_SPACE, else that of the environment, else the one in which your user lies",
  },
  ...SERVER_FLAGS,
];

/** Flags of every write. */
export const WRITE_FLAGS: readonly FlagData[] = [
  {
    name: "token",
    kind: "value",
    placeholder: "TOKEN",
    summary: "Of the lock under which to write, as orrery lock gave it",
  },
  {
    name: "request",
    kind: "value",
    placeholder: "NAME",
    summary: "Do it once under this name, however often it is asked",
  },
];

/** What a write may ask for. */
export const REVISION_FLAG: FlagData = {
  name: "if-revision",
  kind: "value",
  placeholder: "N",
  summary: "Only if the resource is at this revision",
};

/** Properties and labels of a resource. */
export const PROPERTY_FLAGS: readonly FlagData[] = [
  {
    name: "set",
    kind: "values",
    placeholder: "NAME=VALUE",
    summary: "A property; what reads as JSON is that, all else is text",
  },
  {
    name: "fix",
    kind: "values",
    placeholder: "NAME=VALUE",
    summary: "The same, and the resource may not change it by itself",
  },
  { name: "label", kind: "values", placeholder: "NAME=VALUE", summary: "A label; may be repeated" },
];

/** One address. */
export const ADDRESS_WORD = { usage: "ADDRESS", summary: "As in demo.test:files:/a.txt", min: 1, max: 1 } as const;
