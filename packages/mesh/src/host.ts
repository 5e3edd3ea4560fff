/** Hosts that run folders of components, and what changes the versions that they run. */
export type { PlaceCalls } from "./host/call-counts.ts";
export type {
  AllowedKey,
  HostComponent,
  HostConfig,
  HostElastic,
  HostGroup,
  HostLend,
  HostSecurity,
  RollSettings,
  Span,
} from "./host/host-config.ts";
export type { HostNews, HostPlace, HostPlan, HostStatus, PlanAnswer, PlanState } from "./host/host-core.ts";
export { hostOf, hostVersion } from "./host/host-service.ts";
export { createHostTarget, type HostReport, type HostTarget, type HostTargetOptions } from "./host/host-target.ts";
export type { KnownHost } from "./host/known-hosts.ts";
export { parseHostFile } from "./host/parse-host-file.ts";
export { type Change, changesOf, type Release, type ReleaseFile, type Versions } from "./host/release.ts";
export { type HostRoll, type RollHostsOptions, type RollHostsResult, rollHosts } from "./host/roll-hosts.ts";
export { type SurveyedHost, surveyHosts } from "./host/survey-hosts.ts";
export { DEPLOY_LOCK, type Host, type HostOptions, openHost } from "./host/system-host.ts";
export { hostKeyFile } from "./host/system-host-files.ts";
export { type ReadRelease, readReleases } from "./host/system-releases.ts";
