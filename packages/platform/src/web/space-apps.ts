import type { JsonCaller } from "@orrery/http";
import type { RequestPath } from "../bind/request-path.ts";
import type { Matched } from "../bind/route-table.ts";

/** What runs in spaces, and answers for them. */
export interface SpaceApps {
  /** What the apps of a space answer to, where the space's own bind does not. */
  match(space: string, method: string, path: RequestPath): Matched;
  /** What calls a component of an app of a space; undefined where none has it. */
  callerOf(space: string, component: string): JsonCaller | undefined;
}
