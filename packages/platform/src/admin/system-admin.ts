import type { Clock, Component, Log } from "@orrery/core";
import type { Database, Registry } from "@orrery/registry";
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
}

/** What operators look after a platform by. */
export interface OpenedAdmin {
  /** Serves `orrery.admin.v1`. */
  readonly component: Component;
  /** Has acts of administration written down that a component is asked for. @throws OrreryError for one of which it is not said which these are */
  audited(component: Component): Component;
}

/** Opens it, in the database of a registry. */
export async function openAdmin(options: OpenAdminOptions): Promise<OpenedAdmin> {
  const { registry, database } = options;
  const audit = await openAudit(database);
  const subscriptions = await openSubscriptions(database);
  return {
    component: createAdminComponent({ registry, audit, subscriptions }),
    audited: (component) => auditComponent(component, { ...options, audit }),
  };
}
