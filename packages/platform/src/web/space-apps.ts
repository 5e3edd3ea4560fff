import type { Service } from "@orrery/core";
import type { GuestReply, GuestRequest } from "@orrery/guest/abi";
import type { JsonCaller } from "@orrery/http";
import type { Route } from "../bind/bind.ts";
import type { RequestPath } from "../bind/request-path.ts";
import type { Matched } from "../bind/route-table.ts";
import type { NamedService } from "./path-call.ts";
import type { RequestLog } from "./request-log.ts";

/** What runs in spaces, and answers for them. */
export interface SpaceApps {
  /** What the apps of a space answer to, where the space's own bind does not. */
  match(space: string, method: string, path: RequestPath): Matched;
  /** What calls a component of an app of a space, and the address of the app, or of the mechtron that is it; undefined where none has it. */
  callerOf(
    space: string,
    component: string,
  ): { readonly app: string; readonly caller: JsonCaller; readonly isMechtron: boolean } | undefined;
  /** Services of a space's apps, which may be called at paths of their own names; of several with one name, the one that is called. */
  services(space: string): readonly SpaceService[];
  /** Is told of requests that led to them, where somebody wants to know of each. Default: nobody does. */
  readonly requests?: RequestLog;
  /** Routes of a space's apps, in the order in which they count. */
  routes(space: string): readonly Route[];
  /** Addresses of the apps and the mechtrons of a space that services, and routes of apps, lead to. */
  callees(space: string): readonly string[];
  /** The same, as if some of those were not there. What says itself for whom it is, a login or other sites, stays. */
  without(hidden: ReadonlySet<string>): SpaceApps;
  /** Hands a mechtron a message. @throws OrreryError `unavailable` where it does not run, and as it fails */
  ask(
    mechtron: string,
    request: GuestRequest,
    options: { readonly agent: string; readonly timeoutMs: number },
  ): Promise<GuestReply>;
}

/** A method of a service as it is spelled, and how it answers. */
export interface ServiceCall {
  readonly method: string;
  readonly route: Route;
}

/** A service of an app of a space. */
export interface SpaceService extends NamedService {
  /** Address of the app, or of the mechtron that is it: who may send it messages may call it. */
  readonly app: string;
  /** Its contract. */
  readonly service: Service;
  /** How a method of it answers, the same each time; undefined where it has none of that name, and cannot say so by itself. */
  callTo(method: string): ServiceCall | undefined;
}
