import type { Clock, Component, Log } from "@orrery/core";
import type { Database, Registry } from "@orrery/registry";
import type { AccessKeys } from "../accounts/access-keys.ts";
import type { OpenedAlerts } from "../alerts/system-alerts.ts";
import type { Audit } from "../audit/audit.ts";
import { auditComponent } from "../audit/audit-component.ts";
import { openAudit } from "../audit/sql-audit.ts";
import { openSubscriptions } from "../billing/sql-subscriptions.ts";
import { createAdminComponent } from "./admin-component.ts";

/** Options of `openAdmin`. */
export interface OpenAdminOptions {
  /** Knows operators, and whose Spaces are. */
  readonly registry: Registry;
  /** The registry's. */
  readonly database: Database;
  /** Says when something was done. */
  readonly clock: Clock;
  /** Is told what could not be written down. */
  readonly log: Log;
  /** Signs access tokens. */
  readonly accessKeys: Pick<AccessKeys, "rotate">;
  /** What alerts operators. */
  readonly alerting: Pick<OpenedAlerts, "alerts" | "teller">;
}

/** What operators look after a platform by. */
export interface OpenedAdmin {
  /** Serves `orrery.admin.v1`. */
  readonly component: Component;
  /** Has acts of administration written down that a component is asked for. */
  audited(component: Component): Component;
}

const BACKUP = "orrery.registry.v1.UpkeepService.Backup";

/** Opens it, in the database of a registry. */
export async function openAdmin(options: OpenAdminOptions): Promise<OpenedAdmin> {
  const { registry, database, clock, alerting, accessKeys } = options;
  const { alerts, teller } = alerting;
  const audit = await openAudit(database);
  const noted: Pick<Audit, "append"> = {
    append: async (fact) => {
      await audit.append(fact);
      await teller.clear("audit");
      if (fact.act !== BACKUP || fact.outcome === "permission_denied" || fact.outcome === "canceled") return;
      await (fact.outcome === "done"
        ? teller.clear("backup")
        : teller.raise("backup", `A backup ended with ${fact.outcome}`));
    },
  };
  const onFailed = (error: unknown) => void teller.raise("audit", `An act could not be written down: ${String(error)}`);
  const subscriptions = await openSubscriptions(database);
  return {
    component: createAdminComponent({ registry, audit, subscriptions, alerts, accessKeys, clock }),
    audited: (component) => auditComponent(component, { ...options, audit: noted, onFailed }),
  };
}
