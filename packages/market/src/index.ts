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
