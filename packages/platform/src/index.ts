/** Hosting: the web server that answers for spaces by their binds, and the cage in which mechtrons run. */

export { ADMINISTRATORS } from "./accounts/administrator.ts";
export type { DoorAgent } from "./accounts/door-agent.ts";
export { type OpenAccountsOptions, type OpenedAccounts, openAccounts } from "./accounts/system-accounts.ts";
export { type OpenAdminOptions, type OpenedAdmin, openAdmin } from "./admin/system-admin.ts";
export { type OpenAlertsOptions, type OpenedAlerts, openAlerts } from "./alerts/system-alerts.ts";
export { alertingMailer, alertingPayments, type Teller } from "./alerts/watchers.ts";
export type { AppFile, AppMechtron, AppPart, AppResource } from "./apps/app-file.ts";
export { APP_KIND } from "./apps/app-kind.ts";
export { type AppMessagesOptions, createAppMessages } from "./apps/app-messages.ts";
export { type AppsComponentOptions, createAppsComponent } from "./apps/apps-component.ts";
export { type CallsComponentOptions, createCallsComponent } from "./apps/calls-component.ts";
export { LOG_LEVEL_KIND } from "./apps/logs/log-level-kind.ts";
export { type Apps, type AppsOptions, openApps } from "./apps/system-apps.ts";
export { createLocalWeb, type LocalWebOptions } from "./apps/system-local-web.ts";
export { MANUAL_PAYMENTS } from "./billing/manual-payments.ts";
export type { Payments } from "./billing/payments.ts";
export { DEVELOPER_PLAN, type Plan } from "./billing/plan.ts";
export { parsePlanFile } from "./billing/plan-file.ts";
export { createStripeWebhook, STRIPE_WEBHOOK_PATH } from "./billing/stripe-webhook.ts";
export { type Bills, type BillsOptions, openBills } from "./billing/system-bills.ts";
export { openStripePayments, type StripePayments } from "./billing/system-stripe-payments.ts";
export type { Bind, FilesTarget, RateLimit, RedirectTarget, Route, Target, UpstreamTarget } from "./bind/bind.ts";
export { type BindCheckOptions, createBindCheck } from "./bind/bind-check.ts";
export { type ParseBindOptions, parseBind } from "./bind/parse-bind.ts";
export { parseUpstreams, type UpstreamList } from "./bind/upstream-list.ts";
export type { Cage, CageBounds, CageSources, MechtronOptions } from "./cage/cage.ts";
export type { GuestCallContext, GuestHost } from "./cage/guest-host.ts";
export type { HandleOptions, Mechtron } from "./cage/mechtron.ts";
export {
  createMechtronComponent,
  defineMechtronService,
  type MechtronComponentOptions,
} from "./cage/mechtron-component.ts";
export type { MechtronLimits } from "./cage/mechtron-limits.ts";
export type { MechtronUsage } from "./cage/mechtron-usage.ts";
export { createModelCage } from "./cage/model-cage.ts";
export { type CageOptions, createCage } from "./cage/system-cage.ts";
export type {
  ChangedPath,
  Config,
  ConfigCaller,
  ConfigChange,
  ConfigHistory,
  ConfigPlaceRequest,
  ConfigStep,
  ConfigValue,
  ConfigWatched,
  GetConfig,
  SetConfig,
  WatchConfig,
} from "./config/config.ts";
export { type Domains, type DomainsOptions, openDomains } from "./domains/domain-driver.ts";
export { DOMAIN_KIND } from "./domains/domain-kind.ts";
export { createDnsTexts } from "./domains/system-dns.ts";
export { type ForeignFileOptions, writeForeignFile } from "./foreign/system-foreign-file.ts";
export {
  ISOLATIONS,
  type IsolationWish,
  type OpenIsolationOptions,
  openIsolation,
} from "./isolation/system-isolation.ts";
export type { LocalParts } from "./local/local-parts.ts";
export { LOCAL_APP, LOCAL_SPACE, type LocalPlatform, needsPlatform } from "./local/local-platform.ts";
export { type LocalFolderOptions, type OpenedLocalPlatform, openLocalPlatform } from "./local/system-local-platform.ts";
export type { OidcOptions } from "./login/system-oidc.ts";
export type { WebLogins } from "./login/web-logins.ts";
export type { Mail, Mailer } from "./mail/mailer.ts";
export { openMailFolder } from "./mail/system-mail-folder.ts";
export { openSmtp } from "./mail/system-smtp.ts";
export { MECHTRON_KIND } from "./mechtrons/mechtron-kind.ts";
export { createMechtronMessages, type MechtronMessagesOptions } from "./mechtrons/mechtron-messages.ts";
export { appsAtRest, restoreAppsFile } from "./mechtrons/system-mechtron-part.ts";
export { createMetricsPage, METRICS_PATH, type MetricsPageOptions } from "./metrics/metrics-page.ts";
export { openQuotas, type Quotas, type QuotasOptions } from "./quotas/quotas.ts";
export {
  type EventEngine,
  openSpaceServices,
  SPACE_SCHEMAS,
  SPACE_SERVICES,
  type SpaceServices,
  type SpaceServicesOptions,
} from "./services/open-services.ts";
export type { SignupMode } from "./signup/signups.ts";
export { type OpenedSignups, type OpenSignupsOptions, openSignups } from "./signup/system-signups.ts";
export type { SpaceHolder } from "./spaces/space-sweep.ts";
export { type PersistRule, parsePersistRule } from "./stateful/persist-rule.ts";
export type { StateFiles } from "./stateful/state-files.ts";
export { createStatefulMechtron, type StatefulMechtronOptions } from "./stateful/stateful-mechtron.ts";
export { stateFolder } from "./stateful/system-state-folder.ts";
export type {
  Entry,
  ListEntries,
  SpaceStore,
  StoreCaller,
  TableRequest,
  TableSize,
  WriteEntry,
} from "./store/space-store.ts";
export { heldInStores } from "./store/sql-entry-store.ts";
export {
  type CertificateIssuer,
  type CertificateStore,
  type Certificates,
  type CertificatesOptions,
  createCertificates,
} from "./tls/certificates.ts";
export { type AcmeIssuer, type AcmeOptions, createAcmeIssuer } from "./tls/system-acme.ts";
export type { Certificate } from "./tls/system-certificate.ts";
export { type CertificateFilesOptions, openCertificateFiles } from "./tls/system-certificate-files.ts";
export { createCertificateStore, openSealedFiles, type SealedFiles } from "./tls/system-certificate-store.ts";
export { type OwnAuthority, type OwnAuthorityOptions, openOwnAuthority } from "./tls/system-own-authority.ts";
export type { BindView } from "./web/bind-keeper.ts";
export type { BlobSource } from "./web/blob-source.ts";
export { createDoorMeter, type DoorMeterOptions } from "./web/door-meter.ts";
export type { SpaceApps } from "./web/space-apps.ts";
export {
  createWebServer,
  type WebListenOptions,
  type WebRegistry,
  type WebServer,
  type WebServerOptions,
} from "./web/system-web-server.ts";
export { WEB_PATHS, type WebPath } from "./web/web-paths.ts";
