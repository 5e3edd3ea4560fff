import { statfs } from "node:fs/promises";
import type { Clock, Log, Random } from "@orrery/core";
import type { DoorPage } from "@orrery/http";
import type { Database, Registry, SecretBox } from "@orrery/registry";
import type { Alerts } from "./alerts.ts";
import { createAlerts } from "./create-alerts.ts";
import { openAlertRecords } from "./sql-alerts.ts";
import { createStatusPage, STATUS_PATH } from "./status-page.ts";
import { postAlert } from "./system-post-alert.ts";
import { createTeller, type Teller, watchDisk, watchPanics } from "./watchers.ts";

/** Options of `openAlerts`. */
export interface OpenAlertsOptions {
  /** Whose apps are looked at. */
  readonly registry: Registry;
  /** The registry's. */
  readonly database: Database;
  /** Closes the secrets of sinks. */
  readonly secrets: SecretBox;
  /** On whose disk the platform lies. */
  readonly folder: string;
  /** Says when something was wrong, and when to try again. */
  readonly clock: Clock;
  /** Must be fit for secrets. */
  readonly random: Random;
  /** Is told what was given up. */
  readonly log: Log;
  /** As whom the registry is asked, an operator. Default: `operator`. */
  readonly agent?: string;
}

/** What alerts those who run a platform, and shows everybody how it is. */
export interface OpenedAlerts extends AsyncDisposable {
  readonly alerts: Alerts;
  readonly teller: Teller;
  /** The status page, by its path. */
  readonly pages: Readonly<Record<string, DoorPage>>;
}

/** Opens it, in the database of a registry: looks at apps and at the disk, and delivers, from now on. */
export async function openAlerts(options: OpenAlertsOptions): Promise<OpenedAlerts> {
  const { registry, database, folder, clock, log, agent = "operator" } = options;
  const records = await openAlertRecords(database);
  const alerts = createAlerts({ ...options, records, post: postAlert });
  const teller = createTeller(alerts, log);
  const ended = new AbortController();
  const { signal } = ended;
  const free = async () => {
    const { bavail, blocks } = await statfs(folder);
    return { free: bavail, all: blocks };
  };
  const told = (error: unknown) => {
    if (!signal.aborted) log.error("alerts of apps have ended", { error: String(error) });
  };
  const running = [
    alerts.run(signal),
    watchDisk(free, { teller, clock, signal }),
    watchPanics(registry, { teller, agent, signal }).catch(told),
  ];
  return {
    alerts,
    teller,
    pages: { [STATUS_PATH]: createStatusPage({ alerts, now: () => clock.now() }) },
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await Promise.all(running);
    },
  };
}
