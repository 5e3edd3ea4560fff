import type { Service } from "@orrery/core";
import { AccountsService, AppsService, CallsService } from "@orrery/platform/service";
import {
  AdminService,
  BillingService,
  BrokerService,
  ConfigService,
  EventsService,
  MembersService,
  SignupService,
  StoreService,
} from "@orrery/platform/services";
import { BundleService } from "@orrery/registry/bundles";
import { BroadcastService, FileService, RegistryService, UsageService } from "@orrery/registry/service";

/** What every platform serves to whoever may. */
export const CORE_SERVICES: readonly Service[] = [
  ...[
    AccountsService,
    AdminService,
    AppsService,
    CallsService,
    BillingService,
    BrokerService,
    ConfigService,
    EventsService,
  ],
  ...[MembersService, SignupService, StoreService],
  ...[BundleService, BroadcastService, FileService, RegistryService, UsageService],
];
