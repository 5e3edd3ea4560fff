/** Everything with a name: addresses, kinds, properties, watches, locks and permissions, over PostgreSQL. */
export { type Address, type Authority, ancestorsOf, parentText, printAddress } from "./address/address.ts";
export { type ParseAddressOptions, parseAddress } from "./address/parse-address.ts";
export type { Segment, SegmentForm } from "./address/segment.ts";
export { type Hop, type PathHop, parseSelector, printSelector, type Selector } from "./address/selector.ts";
export { spaceOf } from "./address/space-of.ts";
export type { BlobStore, BlobUpload, ByteRange, StoredItem } from "./blobs/blob-store.ts";
export { createDirectoryBlobs, type DirectoryBlobsOptions } from "./blobs/directory-blobs.ts";
export { createMemoryBlobs } from "./blobs/memory-blobs.ts";
export type { S3Keys } from "./blobs/parse-s3-url.ts";
export { type PutBlobOptions, putBlob } from "./blobs/put-blob.ts";
export { openS3Blobs, type S3BlobsOptions } from "./blobs/system-s3-blobs.ts";
export { createBroadcastComponent } from "./broadcast/broadcast-component.ts";
export { BROADCAST_KIND } from "./broadcast/broadcast-kind.ts";
export type { BroadcastItem, BroadcastMessage, Broadcasts, Relayed, SendMessage } from "./broadcast/broadcasts.ts";
export { type BroadcastsOptions, createBroadcasts } from "./broadcast/create-broadcasts.ts";
export { contentTypeOf } from "./content-type.ts";
export { createMemoryRegistry, createRegistry, type MemoryRegistryOptions } from "./create-registry.ts";
export {
  type Compared,
  createKindDriver,
  type KindDriver,
  type KindDriverOptions,
  type KindWork,
} from "./drive/kind-driver.ts";
export { createFiles, type FilesOptions } from "./files/create-files.ts";
export { createFileComponent } from "./files/file-component.ts";
export type { AppendUpload, BeginUpload, FilePiece, Files, FinishUpload, ReadFile, Swept } from "./files/files.ts";
export { type KeptKinds, type KeptKindsOptions, keepKinds, readKeptKinds } from "./kinds/kept-kinds.ts";
export type {
  Kind,
  Life,
  PathForm,
  Property,
  PropertySchema,
  PropertyValue,
  ReservedPart,
} from "./kinds/kind.ts";
export { DEFAULT_LIFE } from "./kinds/kind.ts";
export type { Properties } from "./kinds/property-rules.ts";
export { nothingThere } from "./nothing-there.ts";
export type { RegistryOptions, RegistryRules } from "./open-parts.ts";
export type { Quota, QuotaState } from "./quotas/quota.ts";
export { QUOTA, quotaError } from "./quotas/quota.ts";
export {
  type PlanRefusal,
  planError,
  SPACE_LIMITS,
  type SpaceLimit,
  type SpacePlan,
  spacePlanOf,
} from "./quotas/space-plan.ts";
export { listPages } from "./read/list-pages.ts";
export type {
  ChangeView,
  Identity,
  ListPage,
  ListRequest,
  LockGrant,
  Registry,
  ResourceView,
  WatchRequest,
} from "./registry.ts";
export type { BlobRef, ChangePart, Lock, Resource, Status } from "./resource.ts";
export type { Decision } from "./rights/decide.ts";
export { guardDriver, type RightsSource } from "./rights/guard-driver.ts";
export { VERBS, type Verb } from "./rights/verbs.ts";
export type { SecretBox } from "./secret-box.ts";
export { createRegistryComponent, type OpenRegistry } from "./service/registry-component.ts";
export { withPauses } from "./service/with-pauses.ts";
export type { Database } from "./store/database.ts";
export { forgetGoneSpaces } from "./store/gone-spaces.ts";
export type { KindFile } from "./store/kind-file.ts";
export {
  createMemoryStore,
  type MemoryState,
  type MemoryStore,
  type MemoryStoreOptions,
} from "./store/memory-store.ts";
export { migrate } from "./store/migrate.ts";
export { MIGRATIONS, type Migration } from "./store/migrations.ts";
export type { Schema } from "./store/schema.ts";
export {
  type ManagedPostgres,
  type ManagedPostgresOptions,
  openManagedPostgres,
} from "./store/system-managed-postgres.ts";
export { openPGlite, type PGliteOptions } from "./store/system-pglite.ts";
export { openPostgres, type PostgresOptions } from "./store/system-postgres.ts";
export { readPrivateFile } from "./system-private-file.ts";
export {
  createSecretBox,
  createSecretKey,
  dropOldKeys,
  openKeyFile,
  rotateKeyFile,
  type SecretKey,
} from "./system-secret-box.ts";
export { createLedger, type Ledger, type LedgerOptions, type Meter } from "./usage/ledger.ts";
export { createUsageComponent, type UsageComponentOptions } from "./usage/usage-component.ts";
export type { UsagePart, UsagePlan, UsageReport } from "./usage/usage-store.ts";
export type { Flow, Usage, Use } from "./usage/use.ts";
export type { ChangeRequest } from "./write/change.ts";
export type { CreateRequest } from "./write/create.ts";
export type { By } from "./write/ground.ts";
export type { LockRequest } from "./write/locks.ts";
export type { PropertyAsked, PropertyCheck, PropertyChecks } from "./write/property-check.ts";
export type { RemoveRequest } from "./write/remove.ts";
export type { Written } from "./write/writer.ts";
