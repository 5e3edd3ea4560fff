import type { Clock, Log } from "@orrery/core";
import type { Authenticate, JsonCaller } from "@orrery/http";
import type { UpstreamList } from "../bind/upstream-list.ts";
import type { Domains } from "../domains/domain-driver.ts";
import type { WebLogins } from "../login/web-logins.ts";
import type { Quotas } from "../quotas/quotas.ts";
import type { FileReading } from "./answer-file.ts";
import type { WarmCall, WarmFile } from "./answer-warm.ts";
import type { BindKeeper } from "./bind-keeper.ts";
import type { HeldBodies } from "./held-bodies.ts";
import type { Lookout } from "./lookout.ts";
import type { Rates } from "./rates.ts";
import type { SpaceApps } from "./space-apps.ts";
import type { Upstreams } from "./system-upstream.ts";
import type { WarmWays } from "./warm-ways.ts";

/** What requests are answered from. */
export interface Answering {
  readonly binds: BindKeeper;
  readonly lookout: Lookout;
  readonly warm: { readonly files: WarmWays<WarmFile>; readonly calls: WarmWays<WarmCall> };
  readonly rates: Rates;
  /** Holds Spaces to the rates of their plans. Default: nothing does. */
  readonly quotas: Pick<Quotas, "rates" | "refusals"> | undefined;
  readonly reading: FileReading;
  /** Where upstreams may be. */
  readonly mayPassTo: UpstreamList;
  readonly upstreams: Upstreams;
  readonly caller: JsonCaller | undefined;
  /** Default: no apps run. */
  readonly apps: SpaceApps | undefined;
  /** Lets visitors log in. Default: nobody can, and what is for users alone is refused. */
  readonly logins: WebLogins | undefined;
  /** Domains of tenants' own. Default: there are none. */
  readonly domains: Pick<Domains, "spaceOf"> | undefined;
  /** Tells who sends a header `authorization`. Default: that says nothing. */
  readonly authenticate: Authenticate | undefined;
  /** Those that are read as a whole. */
  readonly bodies: HeldBodies;
  readonly clock: Clock;
  readonly log: Log;
}
