import { OrreryError } from "@orrery/core";

/** What becomes of the state of a stateful mechtron when its process ends. `None`: it is gone; `ReplicateToFile`: it lies in files of each member. */
export type PersistRule = "None" | "ReplicateToFile";

/** All rules. */
export const PERSIST_RULES: readonly PersistRule[] = ["None", "ReplicateToFile"];

/** The rule of a stateful mechtron that says none. */
export const PERSIST_DEFAULT: PersistRule = "ReplicateToFile";

/** Reads a rule. @throws OrreryError `invalid_argument` for one that there is not. */
export function parsePersistRule(text: string): PersistRule {
  const rule = PERSIST_RULES.find((one) => one === text);
  if (rule !== undefined) return rule;
  const why = `there is no such rule, write ${PERSIST_RULES.join(" or ")}`;
  throw new OrreryError("invalid_argument", `Cannot persist by "${text}": ${why}`);
}
