export { baseOf, capOf, type PenaltyTerms, penaltyOf, RATE_SCALE } from "./lease/dues.ts";
export { type Account, type Digest, faultOf, NO_DIGEST, NOBODY, type Terms } from "./lease/terms.ts";
export { domainOf, LEASE_TYPES, type LeaseDomain, leaseName, watchersDigest } from "./lease/typed-data.ts";
export { append, type Entry, emptyHead, type Head, type Metered, totalOf, verify } from "./meter/ledger.ts";
export {
  type Amounts,
  type Prices,
  RESERVED,
  type Resource,
  rateOf,
  UNITS,
  USED,
  unitsOf,
  usageOf,
} from "./meter/prices.ts";
export { isFolder, parseImageName, printImageName } from "./pod/image-name.ts";
export { type ImportComposeOptions, type ImportedPod, importCompose } from "./pod/import-compose.ts";
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
