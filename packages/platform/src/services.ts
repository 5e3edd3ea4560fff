/** The contracts by which a network uses what Spaces keep, and the texts of amounts: all that a program needs which calls one. */
export { printMoney } from "./billing/money.ts";
export {
  AdminService,
  type AlertSink as AlertSinkMessage,
  type AuditEntry as AuditEntryMessage,
  type Customer as CustomerMessage,
  type Incident as IncidentMessage,
} from "./gen/orrery/admin/v1/admin_pb.ts";
export {
  BillingService,
  type Invoice as InvoiceMessage,
  type Plan as PlanMessage,
  type Refusal as RefusalMessage,
  type Subscription as SubscriptionMessage,
} from "./gen/orrery/billing/v1/billing_pb.ts";
export { type BrokerMessage as BrokerMessageSent, BrokerService } from "./gen/orrery/broker/v1/broker_pb.ts";
export {
  type Change as ConfigChangeMessage,
  type ChangedPath as ChangedPathMessage,
  ConfigService,
} from "./gen/orrery/config/v1/config_pb.ts";
export {
  type Delivery as DeliveryMessage,
  type Event as EventMessage,
  EventsService,
  type Group as GroupMessage,
  type Position as PositionMessage,
  type Topic as TopicMessage,
} from "./gen/orrery/events/v1/events_pb.ts";
export { type Invite as InviteMessage, MembersService } from "./gen/orrery/signup/v1/members_pb.ts";
export { SignupService, type SignupState as SignupStateMessage } from "./gen/orrery/signup/v1/signup_pb.ts";
export {
  type Entry as EntryMessage,
  StoreService,
  type Table as TableMessage,
} from "./gen/orrery/store/v1/store_pb.ts";
