import { OrreryError } from "@orrery/core";
import { nearNames } from "@orrery/core/edit-distance";
import type { Plan } from "./plan.ts";

/** The plan of a name; the first where none is said. @throws OrreryError `not_found` with what there is */
export function planOf(name: string, plans: readonly Plan[]): Plan {
  const plan = name === "" ? plans[0] : plans.find((one) => one.name === name);
  if (plan !== undefined) return plan;
  const names = plans.map((one) => one.name);
  const near = nearNames(name, names)[0];
  const hint = near === undefined ? `there are ${names.join(", ")}` : `did you mean "${near}"?`;
  throw new OrreryError("not_found", `Cannot choose plan "${name}": there is none of that name, ${hint}`);
}
