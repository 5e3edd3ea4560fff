export { ADDON_PERMISSIONS, type Addon, type AddonPermission, parseAddon } from "./addon/addon.ts";
export type { AddonFacts } from "./addon/answer-addon.ts";
export { isOfferSigned, type Offer, type SignedOffer, signOffer } from "./addon/offer.ts";
export { type Addons, type AddonsOptions, type AddonView, openAddons } from "./addon/system-addons.ts";
export type { AdminAct, AdminAudit } from "./admin/audit.ts";
export type { CapacityLine, Overview, ProviderDesk, StakeView, TenantLine } from "./admin/overview.ts";
export { type AdminServerOptions, openAdminServer } from "./admin/system-admin-server.ts";
export { openAuditFile } from "./admin/system-audit-file.ts";
export { parseAmount, printAmount, printBillionths } from "./amounts.ts";
export { amountsJson } from "./amounts-json.ts";
export {
  ARTIFACT_BYTES_MAX,
  ARTIFACT_KEY_BYTES,
  type ArtifactAbout,
  isArtifactDigest,
  type SealedArtifact,
} from "./artifact/artifact.ts";
export type { ArtifactGrant, ArtifactRecord, KeptArtifact, ReadyArtifact } from "./artifact/artifact-record.ts";
export {
  type KeyWrap,
  readWrap,
  WRAP_PURPOSES,
  type WrapContext,
  type WrapPurpose,
  writeWrap,
} from "./artifact/key-wrap.ts";
export { type ArtifactOptions, openArtifact, sealArtifact } from "./artifact/system-artifact.ts";
export { type ArtifactRecordOptions, openArtifactRecord } from "./artifact/system-artifact-record.ts";
export { openWrap, wrapKey } from "./artifact/system-key-wrap.ts";
export {
  type Attester,
  type AttestIssuer,
  type AttestPolicy,
  EVIDENCE_KINDS,
  type Evidence,
  type EvidenceClaims,
  type EvidenceKind,
  type Measurement,
} from "./attest/evidence.ts";
export { readEvidence, writeEvidence } from "./attest/evidence-json.ts";
export { type ParsePolicyOptions, parsePolicy } from "./attest/parse-policy.ts";
export { createPlainAttester, type PlainAttesterOptions } from "./attest/plain-attester.ts";
export { policyDigest } from "./attest/policy-digest.ts";
export { readAttestPolicy } from "./attest/policy-json.ts";
export type { Sealer } from "./attest/sealer.ts";
export {
  type KeptAuthority,
  type KeyAuthority,
  type KeyAuthorityOptions,
  makeKeyAuthority,
  openKeyAuthority,
} from "./attest/system-key-authority.ts";
export { measureBase } from "./attest/system-measure-base.ts";
export { openPlainSealer } from "./attest/system-plain-sealer.ts";
export { certificateNames, createSignatureChecks } from "./attest/system-signatures.ts";
export {
  makeTpmKeys,
  openTpmAttester,
  openTpmCredential,
  type TpmAttesterOptions,
  type TpmKeys,
} from "./attest/system-tpm-attester.ts";
export { openTpmSealer, type TpmSealerOptions } from "./attest/system-tpm-sealer.ts";
export {
  ATTEST_CHECKS,
  type AttestCheck,
  type Expected,
  type SignatureChecks,
  type Verdict,
  type VerifyEvidenceOptions,
  verifyEvidence,
} from "./attest/verify-evidence.ts";
export { type BlobClient, createBlobClient, type TransferBlobOptions } from "./blobs/blob-client.ts";
export { type BlobKeeper, type BlobServiceOptions, createBlobService } from "./blobs/blob-service.ts";
export type {
  ChainCall,
  Contracts,
  PlainLeaseCall,
  Shown,
} from "./chain/calls.ts";
export { type ChainEvent, EVENT_NAMES, type EventName } from "./chain/events.ts";
export {
  createEvmLeaseChain,
  createEvmReader,
  type EvmLeaseChainOptions,
  type EvmReaderOptions,
} from "./chain/evm/evm-lease-chain.ts";
export { type EvmNode, NodeRefused } from "./chain/evm/evm-node.ts";
export { readTokenBalance, readTokenFacts, type TokenFacts } from "./chain/evm/read-token.ts";
export { createEvmNode, type EvmNodeOptions } from "./chain/evm/system-evm-node.ts";
export type {
  AccountState,
  BlockRef,
  BlockTag,
  ChainNews,
  ChainQuery,
  ChainState,
  Cursor,
  FollowOptions,
  LeaseChain,
  Reading,
  Sent,
} from "./chain/lease-chain.ts";
export { MemoryChain, type MemoryChainOptions } from "./chain/memory/memory-chain.ts";
export { BlobService } from "./gen/rpc/orrery/market/v1/blobs_pb.ts";
export { KeyService } from "./gen/rpc/orrery/market/v1/keys_pb.ts";
export { type PodStatus, ProviderService } from "./gen/rpc/orrery/market/v1/provider_pb.ts";
export { type FetchImageOptions, fetchImage } from "./image/fetch-image.ts";
export type { Image, ImageConfig, ImageLayer } from "./image/image.ts";
export { imageOf, readArchive } from "./image/image-of.ts";
export type { PackedImage } from "./image/make-archive.ts";
export { type PackFolderOptions, packFolder } from "./image/pack-folder.ts";
export type { RegistryClientOptions, RegistryLogin } from "./image/system-registry-client.ts";
export { beatSigner, type SignBeat } from "./keeper/beats.ts";
export {
  type FollowerNews,
  type FollowerRecord,
  type LeaseFollower,
  type LeaseFollowerOptions,
  type LeaseSource,
  openLeaseFollower,
  type TopUp,
} from "./keeper/lease-follower.ts";
export {
  type KeeperNews,
  type KeeperPeriods,
  type KeeperRecord,
  type LeaseKeeper,
  type LeaseKeeperOptions,
  openLeaseKeeper,
  type PodUse,
} from "./keeper/lease-keeper.ts";
export { createMemoryRecordStore, type RecordStore } from "./keeper/record-store.ts";
export { parseRecord, printRecord } from "./keeper/record-text.ts";
export {
  fundsUntil,
  NO_STANDING,
  STANDING_STEPS,
  type Standing,
  type StandingFacts,
  type StandingStep,
  standingOf,
} from "./keeper/standing.ts";
export { openRecordFile } from "./keeper/system-record-file.ts";
export { type AskKeyOptions, askKey, changeKeyPolicy, type KeyCalls, keepKey } from "./key-service/key-client.ts";
export { type KeyPolicy, readKeyPolicy, writeKeyPolicy } from "./key-service/key-policy.ts";
export { createKeyService, type KeyKeeper, type KeyServiceOptions } from "./key-service/key-service.ts";
export type { SealKey } from "./keys/seal-key.ts";
export { createKeystore, type KeystoreOptions, type NewKeystoreOptions, openKeystore } from "./keys/system-keystore.ts";
export { createSealKey, sealKeyOf, sealKeyOfWallet } from "./keys/system-seal-key.ts";
export type { Allowance, Stake } from "./lease/accounts-model.ts";
export { baseOf, capOf, type PenaltyTerms, penaltyOf, RATE_SCALE } from "./lease/dues.ts";
export type { Beat, LeaseStage, LeaseState } from "./lease/lease-state.ts";
export type { ProviderEntry } from "./lease/provider-registry-model.ts";
export { type Recover, recoverSigner, type SignedData, type Signer } from "./lease/recover.ts";
export { type Account, type Digest, faultOf, NO_DIGEST, NOBODY, type Terms, UNBONDING_S } from "./lease/terms.ts";
export { domainOf, LEASE_TYPES, type LeaseDomain, leaseName, watchersDigest } from "./lease/typed-data.ts";
export { append, type Entry, emptyHead, type Head, type Metered, totalOf, verify } from "./meter/ledger.ts";
export { createMemoryLedgerStore, type LedgerStore } from "./meter/ledger-store.ts";
export { type Meter, type MeterOptions, openMeter, type Seen } from "./meter/meter.ts";
export { type Claim, type ClaimFacts, nextClaim } from "./meter/next-claim.ts";
export {
  type Amounts,
  type Prices,
  printAmounts,
  RESERVED,
  type Resource,
  rateOf,
  UNITS,
  USED,
  unitsOf,
  usageOf,
} from "./meter/prices.ts";
export { type LedgerFile, openLedgerFile } from "./meter/system-ledger-file.ts";
export {
  type Agreement,
  agreeTo,
  type SignedVoucher,
  signVoucher,
  takeVoucher,
  type Voucher,
  type VoucherTerms,
} from "./meter/vouchers.ts";
export type { PageServer } from "./page/system-page-server.ts";
export { checkPod, type PodCheck, type PodMistake } from "./pod/check-pod.ts";
export { isFolder, parseImageName, printImageName } from "./pod/image-name.ts";
export { type ImportComposeOptions, type ImportedPod, importCompose } from "./pod/import-compose.ts";
export { missingBeside } from "./pod/missing-beside.ts";
export { type NewPodFile, newPodFile, podNameOf } from "./pod/new-pod-file.ts";
export { parsePod } from "./pod/parse-pod.ts";
export type {
  ImageName,
  Pod,
  PodContainer,
  PodHealth,
  PodMount,
  PodPort,
  PodSecret,
  PodVolume,
  SealedPod,
} from "./pod/pod.ts";
export { reservedBy, usedAtMostBy } from "./pod/pod-amounts.ts";
export { isSealed, type PodDigests, sealPod } from "./pod/seal-pod.ts";
export { readSealedPod, writeSealedPod } from "./pod/sealed-pod-json.ts";
export type { PodPageOptions } from "./pod-page/page-world.ts";
export { openPodPage, type PodPage } from "./pod-page/system-pod-page.ts";
export { type HostRules, type LookupTexts, proofOf } from "./ports/host-proof.ts";
export { createLookupTexts } from "./ports/system-lookup-texts.ts";
export type { OpenPodOptions, PortRange, PublicAddress } from "./ports/system-open-pod.ts";
export { hostsOf, openPodDoor, type PodDoor, type PodDoorOptions } from "./ports/system-pod-door.ts";
export type { Counted, Place } from "./ports/system-reach-pod.ts";
export { type NewConfig, newProviderConfig } from "./provider/config/new-config.ts";
export {
  type Place as ListenPlace,
  type ProviderConfig,
  parseProviderConfig,
} from "./provider/config/provider-config.ts";
export { parseMoney, printMoney } from "./provider/config/units.ts";
export type { Intake } from "./provider/intake.ts";
export { type PodChange, planUpdate, type UpdatePlan } from "./provider/plan-update.ts";
export type { KeptKey, LeaseFolder, LeaseFolders, PodRecord, PodState } from "./provider/pod-record.ts";
export type { PodWays } from "./provider/pod-ways.ts";
export { createProvider, type Provider, type ProviderView } from "./provider/provider.ts";
export type { ArtifactSource, PodSealer, ProviderOptions } from "./provider/provider-options.ts";
export { PROVIDER_RULES, type ProviderMethod, type ProviderRule } from "./provider/provider-rules.ts";
export { type MoneyMove, moveMoney } from "./provider/stake.ts";
export {
  type AddonChange,
  askAddons,
  askMoney,
  askProvider,
  type ControlAct,
  operate,
} from "./provider/system-control-socket.ts";
export { openLeaseFolders } from "./provider/system-lease-folders.ts";
export { type OpenedProvider, type OpenProviderOptions, openProvider } from "./provider/system-open-provider.ts";
export { type ServedProvider, type ServeProviderOptions, serveProvider } from "./provider/system-serve-provider.ts";
export type { Tenant } from "./provider/tenants.ts";
export type { AskedQuote } from "./publisher/ask-quote.ts";
export type { Deployed, DeployWish } from "./publisher/deploy-pod.ts";
export { depositFor } from "./publisher/deposit-for.ts";
export type { FollowWish, LeaseNews } from "./publisher/follow-lease.ts";
export type { LeaseRecord, LeaseRecords, LeaseStep } from "./publisher/lease-record.ts";
export type { PreparedPod } from "./publisher/prepare-pod.ts";
export {
  createPublisher,
  type Publisher,
  type PublisherLease,
  type PublisherOptions,
  type UpdateWish,
} from "./publisher/publisher.ts";
export type { LeaseMoney } from "./publisher/read-claim.ts";
export { openLeaseRecords } from "./publisher/system-lease-records.ts";
export type { ProviderDoor, StorePlace } from "./publisher/system-provider-door.ts";
export type { Uploaded } from "./publisher/upload-pod.ts";
export type { PodNews, PodWord } from "./publisher/watch-pod.ts";
export { type WhoLearns, whoLearns } from "./publisher/who-learns.ts";
export { type Capacity, createCapacity } from "./quote/capacity.ts";
export {
  type Conditions,
  HOUR_S,
  type PriceList,
  perHourOf,
  type Quote,
  type QuoteRequest,
  signQuote,
  termsOf,
  usageCapOf,
} from "./quote/quote.ts";
export { readQuote, writeQuote } from "./quote/quote-json.ts";
export { type QuoteLine, quoteLines } from "./quote/quote-lines.ts";
export { QUOTE_CHECKS, type QuoteCheck, type QuoteExpected, verifyQuote } from "./quote/verify-quote.ts";
export type {
  PodImage,
  PodLine,
  PodRuntime,
  PodUsage,
  ReachedPort,
  RunningCopy,
  RunningPod,
  WantedLines,
  WantedPod,
} from "./runtime/pod-runtime.ts";
export { type ContainerRuntimeOptions, createContainerRuntime } from "./runtime/system-container-runtime.ts";
export type { RuntimeOptions } from "./runtime/system-open-parts.ts";
export { createProcessRuntime, type ProcessRuntimeOptions } from "./runtime/system-process-runtime.ts";
export { createWalletAuthorization, type WalletAuthorizationOptions } from "./wallet/wallet-authorization.ts";
export { accountOfAgent, createWalletDoor, type WalletDoorOptions, walletAgent } from "./wallet/wallet-door.ts";
