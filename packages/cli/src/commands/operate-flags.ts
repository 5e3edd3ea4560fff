import { COMMON_FLAGS, type FlagData } from "../command.ts";
import { REACH_FLAGS } from "./reach-flags.ts";

/** One or more nodes by name. */
export const NODE_FLAG: FlagData = {
  name: "node",
  kind: "values",
  placeholder: "NAME",
  summary: "Only this node; may be repeated",
};

/** How long a change is waited for. */
export const WAIT_FLAG: FlagData = {
  name: "wait",
  kind: "value",
  placeholder: "TIME",
  default: "1m",
  summary: "How long it may take until it is done",
};

/** Flags by which a command finds nodes, and speaks with them. */
export const OPERATE_FLAGS: readonly FlagData[] = [
  ...REACH_FLAGS.filter(({ name }) => name !== "with"),
  {
    name: "agent",
    kind: "value",
    placeholder: "NAME",
    default: "operator",
    summary: "On whose behalf: one that the nodes let in as operator",
  },
  { name: "timeout", kind: "value", placeholder: "TIME", default: "2s", summary: "Longest wait for one node" },
  ...COMMON_FLAGS,
];
