import { OrreryError } from "@orrery/core";

/** What becomes of the state of a stateful mechtron when its process ends. `None`: it is gone; `ReplicateToFile`: it lies in files of each member. */
export type PersistRule = "None" | "ReplicateToFile";

const RULES: readonly PersistRule[] = ["None", "ReplicateToFile"];

/** Reads a rule. @throws OrreryError `invalid_argument` for one that there is not. */
export function parsePersistRule(text: string): PersistRule {
  const rule = RULES.find((one) => one === text);
  if (rule !== undefined) return rule;
  const why = `there is no such rule, write ${RULES.join(" or ")}`;
  throw new OrreryError("invalid_argument", `Cannot persist by "${text}": ${why}`);
}
