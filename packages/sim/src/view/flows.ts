import { OrreryError } from "@orrery/core";
import type { Recording } from "./recording.ts";

/** A flow of a run. */
export interface RunFlow {
  /** `node/id`. */
  readonly id: string;
  /** Empty for one that a message has begun by itself. */
  readonly name: string;
}

/** Lists the flows of a run, in the order in which they are first met. */
export function flowsOf({ records }: Recording): readonly RunFlow[] {
  const names = new Map<string, string>();
  for (const { flow, kind, what } of records) {
    if (flow === "") continue;
    const name = kind === "flow" ? (what?.name ?? "") : "";
    if (name !== "" || !names.has(flow)) names.set(flow, name || (names.get(flow) ?? ""));
  }
  return [...names].map(([id, name]) => ({ id, name }));
}

/** Flows that a refusal names. */
const FLOWS_TOLD = 5;

/** Finds a flow by its id, `node/id`, or by its name; the first of that name. @throws OrreryError `not_found`. */
export function findFlow(recording: Recording, wanted: string): RunFlow {
  const flows = flowsOf(recording);
  const found = flows.find(({ id }) => id === wanted) ?? flows.find(({ name }) => name !== "" && name === wanted);
  if (found !== undefined) return found;
  const told = flows.slice(0, FLOWS_TOLD).map(({ id, name }) => `"${name || id}"`);
  const more = flows.length > FLOWS_TOLD ? ` and ${flows.length - FLOWS_TOLD} others` : "";
  const known = told.length === 0 ? "none" : `${told.join(", ")}${more}`;
  throw new OrreryError("not_found", `Cannot find flow "${wanted}": the run has ${known}`);
}
