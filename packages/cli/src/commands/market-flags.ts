import { COMMON_FLAGS, type FlagData } from "../command.ts";
import { PASSWORD_FLAG } from "../login/password-flag.ts";

/** Which market. */
export const MARKET_FLAG: FlagData = {
  name: "market",
  kind: "value",
  placeholder: "FILE",
  summary: "What is known of the market, as JSON; ORRERY_MARKET, else the bench of this folder by default",
};

/** Flags of commands about a market: which one, and who pays. */
export const MARKET_FLAGS: readonly FlagData[] = [
  MARKET_FLAG,
  {
    name: "wallet",
    kind: "value",
    placeholder: "NAME",
    summary: "Who pays; ORRERY_WALLET, else the wallet that the market file names, else your only one by default",
  },
  PASSWORD_FLAG,
  ...COMMON_FLAGS,
];

/** Which provider. */
export const PROVIDER_FLAG: FlagData = {
  name: "provider",
  kind: "value",
  placeholder: "URL",
  summary: "URL of the provider, or its name on the bench; the first that the market file names by default",
};

/** Which lease, where a pod has several. */
export const AT_FLAG: FlagData = {
  name: "provider",
  kind: "value",
  placeholder: "URL",
  summary: "Where the pod runs, if it does at several providers",
};
