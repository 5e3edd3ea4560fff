import { OrreryError } from "@orrery/core";
import { type Misfit, readDocument } from "@orrery/mesh/internal";
import { type Account, NO_DIGEST } from "../../lease/terms.ts";
import type { Amounts, Prices } from "../../meter/prices.ts";
import { type PriceList, termsOf } from "../../quote/quote.ts";
import { CONFIG_BYTES_MAX } from "../limits.ts";
import { CONFIG_SHAPE, type SaidConfig, type SaidTerms } from "./config-shape.ts";
import { type PRICED, parseMoney, parsePrice, parseSizeMiB, parseSpanS } from "./units.ts";

/** What a provider is run by. */
export interface ProviderConfig {
  /** Keystore of its account, as the file says it. */
  readonly wallet: string;
  /** Folder of all that it keeps. */
  readonly data: string;
  readonly chain: {
    readonly url: string;
    readonly id: number;
    readonly leases: Account;
    readonly token: Account;
    readonly registry: Account;
    /** Digits behind the point of the token. */
    readonly decimals: number;
  };
  readonly priceList: PriceList;
  readonly capacity: Amounts;
  /** Where it listens. */
  readonly listen: { readonly api: Place; readonly gateway: Place; readonly admin: Place };
  /** Ports for TCP and UDP of pods. */
  readonly ports: { readonly from: number; readonly to: number };
  /** Name or address by which others reach it. */
  readonly address: string;
  /** Domains whose hosts are for whoever comes first. */
  readonly freeHosts: readonly string[];
  readonly stores: readonly string[];
  readonly runtime: "process" | "container";
  readonly evidence:
    | { readonly kind: "none" }
    | { readonly kind: "tpm2"; readonly tcti: string; readonly certificates: string };
}

/** Where something listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Terms that are not said. */
const TERMS_DEFAULT: Required<SaidTerms> = {
  ...{ bond: "3d", valid: "10m", challengeBond: "1", beat: "1m", grace: "10m", challenge: "1h", response: "10m" },
  ...{ publisherNotice: "2h", providerNotice: "7d", start: "1h", rest: "4h" },
};

/**
 * Reads the file of a provider.
 * @throws OrreryError `invalid_argument` with every mistake, each with `file:line:column`, what would work, its line and a caret
 */
export function parseProviderConfig(text: string, { file }: { readonly file: string }): ProviderConfig {
  const options = { file, judge: judgeConfig, bytesMax: CONFIG_BYTES_MAX, showsLines: true };
  const said = readDocument<SaidConfig>(text, CONFIG_SHAPE, options) as SaidConfig;
  if (said.chain === undefined)
    throw new OrreryError("invalid_argument", `Cannot read "${file}": it is empty; make one by "orrery provider init"`);
  const { chain, listen = {}, ports = "20000-20999", runtime = "process", stores = [], freeHosts = [] } = said;
  const [from = "", to = ""] = ports.split("-");
  const { tpm } = said;
  return {
    ...{ wallet: said.wallet, data: said.data, address: said.address, runtime, stores, freeHosts },
    chain: {
      ...{ url: chain.url, id: chain.id, decimals: chain.decimals },
      leases: accountOf(chain.leases),
      token: accountOf(chain.token),
      registry: accountOf(chain.registry),
    },
    priceList: priceListOf(said),
    capacity: capacityOf(said),
    listen: {
      api: placeOf(listen.api ?? "0.0.0.0:7180"),
      gateway: placeOf(listen.gateway ?? "0.0.0.0:8080"),
      admin: placeOf(listen.admin ?? "127.0.0.1:7181"),
    },
    ports: { from: Number(from), to: Number(to) },
    evidence: tpm === undefined ? { kind: "none" } : { kind: "tpm2", ...tpm },
  };
}

/** What does not fit together in a file that has the right shape. */
function judgeConfig(said: SaidConfig): readonly Misfit[] {
  const misfits: Misfit[] = [];
  const tell = (path: Misfit["path"], why: string) => void misfits.push({ path, text: `"${path.join(".")}" ${why}` });
  for (const [name, price] of Object.entries(said.prices)) {
    const parsed = parsePrice(name as keyof typeof PRICED, String(price), said.chain.decimals);
    if (typeof parsed === "string") tell(["prices", name], `is ${price}: ${parsed}`);
  }
  const admin = said.listen?.admin;
  if (admin !== undefined && !LOOPBACK.has(placeOf(admin).host))
    tell(["listen", "admin"], `is ${admin}: the admin page is for this machine alone, write 127.0.0.1:PORT`);
  const [from, to] = (said.ports ?? "1-2").split("-").map(Number);
  if ((from ?? 0) > (to ?? 0)) tell(["ports"], `is ${said.ports}: write the lower one first`);
  if (misfits.length > 0) return misfits;
  const fault = faultOfList(said);
  if (fault !== undefined) tell(said.terms === undefined ? ["prices"] : ["terms"], fault);
  return misfits;
}

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "::1"]);

/** Makes terms of the list as a quote would, and looks whether a lease can have them. */
function faultOfList(said: SaidConfig): string | undefined {
  const zero = `0x${"0".repeat(64)}` as const;
  const request = { publisher: ANYBODY, manifest: zero, policy: zero, reserved: { cpu: 1n }, usedAtMost: {} };
  try {
    const list = priceListOf(said);
    const prices = { ...list.prices, cpu: 1n };
    termsOf({ ...list, prices }, request, { provider: ANYBODY, nowS: 0, nonce: 0n });
    return undefined;
  } catch (error) {
    return `is wrong: ${(error as Error).message}`;
  }
}

const ANYBODY: Account = "0x0000000000000000000000000000000000000001";

function priceListOf({ prices, terms = {}, chain: { decimals } }: SaidConfig): PriceList {
  const said = { ...TERMS_DEFAULT, ...terms };
  const parsed = Object.entries(prices).map(
    ([name, price]) => [name, parsePrice(name as keyof typeof PRICED, String(price), decimals) as bigint] as const,
  );
  const s = (text: string) => parseSpanS(text);
  return {
    prices: Object.fromEntries(parsed) as Prices,
    bondS: s(said.bond),
    validS: s(said.valid),
    conditions: {
      challengeBond: parseMoney(String(said.challengeBond), decimals),
      ...{
        beatPeriod: s(said.beat),
        grace: s(said.grace),
        challengeWindow: s(said.challenge),
        responseWindow: s(said.response),
      },
      ...{
        publisherNotice: s(said.publisherNotice),
        providerNotice: s(said.providerNotice),
        startWindow: s(said.start),
      },
      ...{ restBudget: s(said.rest), tier1: 3_600, factor1: 1, tier2: 86_400, factor2: 3, factor3: 10 },
      ...{ earningsFactor: 0, challengerShare: 1_000, quorum: 0, watchers: NO_DIGEST },
    },
  };
}

function capacityOf({ capacity }: SaidConfig): Amounts {
  return {
    cpu: BigInt(Math.round(capacity.cpu * 1_000)),
    memory: BigInt(parseSizeMiB(capacity.memory)),
    storage: BigInt(parseSizeMiB(capacity.storage ?? "0GiB")),
    ip: BigInt(capacity.addresses ?? 0),
    gpu: BigInt(capacity.gpus ?? 0),
  };
}

function placeOf(text: string): Place {
  const at = text.lastIndexOf(":");
  return { host: text.slice(0, at), port: Number(text.slice(at + 1)) };
}

function accountOf(text: string): Account {
  return text.toLowerCase() as Account;
}
