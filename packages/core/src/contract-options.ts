import type { HorizonScope, Mode } from "./envelope.ts";
import { CALL_TIMEOUT_MAX_MS } from "./limits.ts";
import { OrreryError } from "./orrery-error.ts";

const SCOPES: ReadonlySet<string> = new Set<HorizonScope>(["any", "process", "host", "network"]);

/** Refuses a horizon that is none. `where` begins the error's text. @throws OrreryError `invalid_argument`. */
export function assertHorizon(where: string, horizon: string): asserts horizon is HorizonScope {
  if (SCOPES.has(horizon)) return;
  throw refused(where, `its horizon is "${horizon}", write process, host, network or any`);
}

/** Refuses a time limit that no caller could ask for; 0 stands for the default of the node. @throws OrreryError `invalid_argument`. */
export function assertTimeout(where: string, timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || timeoutMs === 0) return;
  if (Number.isFinite(timeoutMs) && timeoutMs >= 1 && timeoutMs <= CALL_TIMEOUT_MAX_MS) return;
  throw refused(where, `its timeout is ${timeoutMs} ms, write a number from 1 to ${CALL_TIMEOUT_MAX_MS}`);
}

/** Refuses to keep what is no one-way message: nobody is told of its acceptance. @throws OrreryError `invalid_argument`. */
export function assertKeep(where: string, keep: unknown, mode: Mode): void {
  if (keep === undefined || keep === false || (keep === true && mode === "async")) return;
  if (typeof keep !== "boolean") throw refused(where, `its keep is of type ${typeof keep}, write true or false`);
  throw refused(where, `it is kept and its mode is ${mode}, only messages of mode async are kept`);
}

function refused(where: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `${where}: ${why}`);
}
