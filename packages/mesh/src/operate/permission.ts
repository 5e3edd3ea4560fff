import { OrreryError } from "@orrery/core";
import { namePattern } from "@orrery/core/internal";

/** Who may operate where nobody says otherwise. */
export const OPERATORS: readonly string[] = ["operator"];

/** Refuses what an agent may not do. @throws OrreryError `permission_denied`, which says which rule decided. */
export type AssertAllowed = (doing: string, agent: string) => void;

/** Lets agents in that one of the patterns fits, in which `*` stands for any characters; all others are refused. */
export function allowOnly(operators: readonly string[], node: string): AssertAllowed {
  const patterns = operators.map(namePattern);
  const rule = operators.length === 0 ? "nobody" : operators.map((one) => `"${one}"`).join(", ");
  return (doing, agent) => {
    if (patterns.some((fits) => fits(agent))) return;
    const text = `Cannot ${doing} of node "${node}" as agent "${agent}": its rule "operators" lets in ${rule} and nobody else, speak as one of them`;
    throw new OrreryError("permission_denied", text, { details: { rule: "operators", operators: [...operators] } });
  };
}
