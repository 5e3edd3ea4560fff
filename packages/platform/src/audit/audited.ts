/**
 * When a call is an act of administration. `always`: whoever calls. `abroad`: where an operator calls, about a Space as such, or about what is in one that is not his
 * own; what owners do in their Spaces is their own business. `never`: it changes nothing, or is nobody's act.
 */
export type AuditedWhen = "always" | "abroad" | "never";

/** Of each method of each service of a platform. One that is not named here counts as `always`, and fails a test. */
export const AUDITED: Readonly<Record<string, Readonly<Record<string, AuditedWhen>>>> = {
  "orrery.accounts.v1.AccountsService": {
    ...all("never", "login getIssuer loginByIssuer refresh logout listSessions listTokens"),
    ...all("always", "setPassword issueSecret revokeSessions createToken revokeToken"),
  },
  "orrery.admin.v1.AdminService": {
    ...all("never", "listAudit checkAudit listAlerts"),
    ...all("always", "listCustomers addAlert removeAlert testAlert reportCheck rotateAccessKey"), // Whoever reads who pays has seen people's addresses.
  },
  "orrery.apps.v1.AppsService": {
    ...all("abroad", "attach"), // A debugger sees all that a process has.
    ...all("never", "getApp getStats getSpans getMetrics watchServices readLog tailLogs"),
  },
  "orrery.apps.v1.CallsService": { ...all("abroad", "call send"), ...all("never", "listServices stream") },
  "orrery.billing.v1.BillingService": {
    ...all("never", "listPlans getSubscription paymentPage preview listInvoices listSubscriptions listRefusals"),
    ...all("always", "subscribe choosePlan cancel continue pay markPaid"),
  },
  "orrery.broker.v1.BrokerService": { ...all("abroad", "publish"), ...all("never", "subscribe") },
  "orrery.config.v1.ConfigService": { ...all("abroad", "get set"), ...all("never", "history watch") },
  "orrery.events.v1.EventsService": {
    ...all("abroad", "publish republish setTopic removeTopic setGroup removeGroup"),
    ...all("never", "fetch consume ack nack extend read follow listTopics listGroups"),
  },
  "orrery.signup.v1.MembersService": {
    ...all("never", "listInvites"),
    ...all("always", "invite revokeInvite leave deleteSpace"),
  },
  // Who signs up is nobody yet; what comes of it is in his bill and his Space.
  "orrery.signup.v1.SignupService": all("never", "begin confirm order get paymentPage pay abandon"),
  "orrery.store.v1.StoreService": { ...all("abroad", "set remove batch"), ...all("never", "get list tables") },
  "orrery.registry.v1.BroadcastService": { ...all("abroad", "send"), ...all("never", "follow") },
  "orrery.registry.v1.BundleService": {
    ...all("abroad", "publish setTag"),
    ...all("never", "begin append describe fetch listMoves"),
  },
  "orrery.registry.v1.FileService": {
    ...all("abroad", "finishUpload"),
    ...all("never", "beginUpload appendUpload abandonUpload readFile"),
  },
  "orrery.registry.v1.RegistryService": {
    ...all("abroad", "create change remove lock unlock"),
    ...all("never", "get list watch can whoami kinds"),
  },
  "orrery.registry.v1.UpkeepService": all("always", "rotateSecrets backup checkOwners"),
  "orrery.registry.v1.UsageService": all("never", "quotas readUsage"),
};

function all(when: AuditedWhen, methods: string): Readonly<Record<string, AuditedWhen>> {
  return Object.fromEntries(methods.split(" ").map((method) => [method, when]));
}
