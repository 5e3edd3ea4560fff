import type { Clock, Component, Log, Random } from "@orrery/core";
import type { Database, Registry, Schema, SecretBox } from "@orrery/registry";
import { ALERTS_SCHEMA } from "../alerts/sql-alerts.ts";
import { named } from "../apps/as-app.ts";
import { AUDIT_SCHEMA } from "../audit/sql-audit.ts";
import { BILLING_SCHEMA } from "../billing/billing-schema.ts";
import { openSubscriptions } from "../billing/sql-subscriptions.ts";
import { createBroker } from "../broker/broker.ts";
import { createBrokerComponent } from "../broker/broker-component.ts";
import type { BrokerLines } from "../broker/broker-lines.ts";
import { createLocalLines } from "../broker/local-lines.ts";
import type { Config } from "../config/config.ts";
import { createConfigComponent } from "../config/config-component.ts";
import { createConfig } from "../config/create-config.ts";
import { CONFIG_SCHEMA, openSqlConfigStore } from "../config/sql-config-store.ts";
import { createEvents } from "../events/create-events.ts";
import { createEventComponent } from "../events/event-component.ts";
import type { EventStore } from "../events/event-store.ts";
import { openSqlEventStore } from "../events/sql-event-store.ts";
import { EVENTS_SCHEMA } from "../events/sql-steps.ts";
import { BillingService } from "../gen/orrery/billing/v1/billing_pb.ts";
import { BrokerService } from "../gen/orrery/broker/v1/broker_pb.ts";
import { ConfigService } from "../gen/orrery/config/v1/config_pb.ts";
import { EventsService } from "../gen/orrery/events/v1/events_pb.ts";
import { StoreService } from "../gen/orrery/store/v1/store_pb.ts";
import { openRefusalRecords, REFUSALS_SCHEMA } from "../quotas/sql-refusals.ts";
import { openSignupRecords, SIGNUP_SCHEMA } from "../signup/sql-signups.ts";
import { createRemains } from "../spaces/remains.ts";
import { createSpaceSweep } from "../spaces/space-sweep.ts";
import { createSpaces } from "../spaces/spaces.ts";
import { createSpaceStore } from "../store/create-space-store.ts";
import type { SpaceStore } from "../store/space-store.ts";
import { openSqlEntryStore, STORE_SCHEMA } from "../store/sql-entry-store.ts";
import { createStoreComponent } from "../store/store-component.ts";

/** What the services of Spaces keep in the registry's database, for backups. */
export const SPACE_SCHEMAS: readonly Schema[] = [
  ALERTS_SCHEMA,
  AUDIT_SCHEMA,
  BILLING_SCHEMA,
  CONFIG_SCHEMA,
  EVENTS_SCHEMA,
  REFUSALS_SCHEMA,
  SIGNUP_SCHEMA,
  STORE_SCHEMA,
];

/** Their contracts, for doors and callers. */
export const SPACE_SERVICES = [BillingService, ConfigService, EventsService, BrokerService, StoreService] as const;

/** An engine that keeps events and carries messages for many machines, such as NATS. */
export interface EventEngine {
  /** Keeps events; whoever opened it closes it. */
  readonly store: EventStore;
  /** Carries the messages of the broker. */
  readonly lines: BrokerLines;
}

/** Options of `openSpaceServices`. */
export interface SpaceServicesOptions {
  /** Knows the Spaces, and who may do what in them. */
  readonly registry: Registry;
  /** The registry's. */
  readonly database: Database;
  /** Closes secrets. Default: there is no key, and secrets are refused. */
  readonly secrets?: SecretBox;
  /** Says when something was changed, and how long to wait. */
  readonly clock: Clock;
  /** Names events and lives of groups. */
  readonly random: Random;
  /** Is told what could not be swept, and is tried again. */
  readonly log: Log;
  /** Keeps events and carries messages. Default: the database, and this process. */
  readonly engine?: EventEngine | undefined;
  /** Whether others may write to the database. Default: false. */
  readonly isShared?: boolean;
  /** As whom the registry is asked, an operator. Default: `operator`. */
  readonly agent?: string;
}

/** What Spaces keep beside their resources. */
export interface SpaceServices extends AsyncDisposable {
  readonly config: Config;
  readonly store: SpaceStore;
  /** One for each service. They act in the name of whoever a message says, or of one agent alone, such as an app. */
  components(agent?: string): readonly Component[];
}

/** Opens config, stores, events and broker for all Spaces of a registry, in its database, and has what a Space keeps go with it. */
export async function openSpaceServices(options: SpaceServicesOptions): Promise<SpaceServices> {
  const { registry, database, secrets, clock, random, log, isShared = false, agent = "operator" } = options;
  const { engine } = options;
  const spaces = createSpaces({ registry, agent });
  const documents = await openSqlConfigStore(database);
  const config = createConfig({ spaces, store: documents, clock, isShared, ...(secrets && { secrets }) });
  const eventStore = engine?.store ?? (await openSqlEventStore({ database, isShared }));
  const events = await createEvents({ store: eventStore, clock, random, log });
  const broker = createBroker({ lines: engine?.lines ?? createLocalLines(), clock });
  const entries = await openSqlEntryStore(database);
  const store = createSpaceStore({ spaces, entries, registry, clock, log, agent });
  const subscriptions = await openSubscriptions(database);
  await openSignupRecords(database);
  await openRefusalRecords(database);
  const remains = createRemains({ database, registry, subscriptions, clock, log });
  const sweep = createSpaceSweep({ registry, holders: [config, events, store], remains, clock, log, agent });
  return {
    config,
    store,
    components: (as) => {
      const doors = as === undefined ? spaces : named(spaces, ["enter", "may"], as);
      return [
        createConfigComponent(as === undefined ? config : named(config, ["get", "set", "history", "watch"], as)),
        createStoreComponent(as === undefined ? store : named(store, ["get", "write", "list", "tables"], as)),
        createEventComponent({ events, spaces: doors }),
        createBrokerComponent({ broker, spaces: doors }),
      ];
    },
    [Symbol.asyncDispose]: async () => {
      config[Symbol.dispose]();
      await store[Symbol.asyncDispose]();
      await sweep[Symbol.asyncDispose]();
      remains[Symbol.dispose]();
      await events[Symbol.asyncDispose]();
    },
  };
}
