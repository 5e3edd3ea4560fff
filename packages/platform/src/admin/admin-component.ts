import { type Clock, type Component, defineComponent, OrreryError } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import type { AccessKeys } from "../accounts/access-keys.ts";
import type { AlertKind, AlertSinkState, Alerts, Incident } from "../alerts/alerts.ts";
import type { Audit, AuditEntry } from "../audit/audit.ts";
import { AUDIT_PAGE_MAX, CUSTOMERS_PAGE_MAX } from "../audit/limits.ts";
import type { Subscriptions } from "../billing/subscriptions.ts";
import { AdminService } from "../gen/orrery/admin/v1/admin_pb.ts";
import { listCustomers } from "./list-customers.ts";

/** Options of `createAdminComponent`. */
export interface AdminComponentOptions {
  /** Knows who is an operator. */
  readonly registry: Pick<Registry, "whoami">;
  readonly audit: Audit;
  readonly subscriptions: Pick<Subscriptions, "list">;
  readonly alerts: Alerts;
  /** Signs access tokens. */
  readonly accessKeys: Pick<AccessKeys, "rotate">;
  readonly clock: Pick<Clock, "now">;
}

/** Makes the component by which operators look after a platform: `orrery.admin.v1.AdminService`. Whoever calls is the message's agent. */
export function createAdminComponent(options: AdminComponentOptions): Component {
  const { registry, audit, subscriptions, alerts, accessKeys, clock } = options;
  const assertOperator = async (doing: string, { agent }: { readonly agent: string }) => {
    if ((await registry.whoami({ agent })).isOperator) return;
    throw new OrreryError("permission_denied", `Cannot ${doing} as "${agent || "anonymous"}": only operators may`);
  };
  return defineComponent(AdminService, () => ({
    listCustomers: async ({ after, limit }, context) => {
      await assertOperator("list customers", context);
      const page = { after, limit: limitOf(limit, CUSTOMERS_PAGE_MAX) };
      const { customers, next } = await listCustomers(subscriptions, page);
      return { customers: customers.map(({ email, spaces }) => ({ email, spaces: [...spaces] })), next };
    },
    listAudit: async ({ below, since, actor, limit }, context) => {
      await assertOperator("read what operators did", context);
      const page = {
        ...(below !== 0n && { below: Number(below) }),
        ...(since !== 0n && { since: Number(since) }),
        ...(actor !== "" && { actor }),
      };
      return { entries: (await audit.list({ ...page, limit: limitOf(limit, AUDIT_PAGE_MAX) })).map(entryMessage) };
    },
    checkAudit: async (_, context) => {
      await assertOperator("check what operators did", context);
      const { entries, head, broken = 0 } = await audit.check();
      return { entries: BigInt(entries), head, broken: BigInt(broken) };
    },
    addAlert: async ({ name, url, kinds }, context) => {
      await assertOperator("add an alert", context);
      return { secret: await alerts.add({ name, url, kinds: kinds as readonly AlertKind[] }) };
    },
    listAlerts: async (_, context) => {
      await assertOperator("list alerts", context);
      const [sinks, incidents] = [await alerts.list(), await alerts.incidents()];
      return { sinks: sinks.map(sinkMessage), incidents: incidents.map(incidentMessage) };
    },
    removeAlert: async ({ name }, context) => {
      await assertOperator("remove an alert", context);
      await alerts.remove(name);
      return {};
    },
    testAlert: async ({ name }, context) => {
      await assertOperator("test an alert", context);
      return alerts.test(name);
    },
    reportCheck: async ({ ok, text }, context) => {
      await assertOperator("say how a check went", context);
      await (ok ? alerts.clear({ kind: "e2e" }) : alerts.raise({ kind: "e2e", text }));
      return {};
    },
    rotateAccessKey: async ({ now }, context) => {
      await assertOperator("rotate the key of access tokens", context);
      const { key, beforeUntilMs = 0 } = await accessKeys.rotate({ nowMs: clock.now(), isAtOnce: now });
      return { key, beforeUntil: BigInt(Math.floor(beforeUntilMs)) };
    },
  }));
}

function sinkMessage({ waiting, delivered, dead, kinds, ...sink }: AlertSinkState) {
  return {
    ...{ name: sink.name, url: sink.url, lastError: sink.lastError, kinds: [...kinds] },
    ...{ waiting: BigInt(waiting), delivered: BigInt(delivered), dead: BigInt(dead) },
  };
}

function incidentMessage({ kind, subject, text, since, until = 0 }: Incident) {
  return { kind, subject, text, since: BigInt(since), until: BigInt(until) };
}

function limitOf(said: number, most: number): number {
  return Math.min(said === 0 ? most : said, most);
}

function entryMessage({ number, at, ...texts }: AuditEntry) {
  return { number: BigInt(number), at: BigInt(at), ...texts };
}
