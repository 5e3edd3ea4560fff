import type { GuestReply, GuestRequest } from "@orrery/guest/abi";
import type { JsonCaller } from "@orrery/http";
import type { RequestPath } from "../bind/request-path.ts";
import type { Matched } from "../bind/route-table.ts";

/** What runs in spaces, and answers for them. */
export interface SpaceApps {
  /** What the apps of a space answer to, where the space's own bind does not. */
  match(space: string, method: string, path: RequestPath): Matched;
  /** What calls a component of an app of a space, and the address of the app, or of the mechtron that is it; undefined where none has it. */
  callerOf(
    space: string,
    component: string,
  ): { readonly app: string; readonly caller: JsonCaller; readonly isMechtron: boolean } | undefined;
  /** Hands a mechtron a message. @throws OrreryError `unavailable` where it does not run, and as it fails */
  ask(
    mechtron: string,
    request: GuestRequest,
    options: { readonly agent: string; readonly timeoutMs: number },
  ): Promise<GuestReply>;
}
