import { listOf, type RecordShape, record, type TextShape } from "@orrery/mesh/internal";
import { HOSTS_FREE_MAX, STORES_MAX } from "../limits.ts";

/** What the file of a provider says, by its shape. */
export interface SaidConfig {
  readonly wallet: string;
  readonly data: string;
  readonly address: string;
  readonly chain: {
    readonly url: string;
    readonly id: number;
    readonly leases: string;
    readonly token: string;
    readonly registry: string;
    readonly decimals: number;
  };
  readonly prices: Readonly<Record<string, string | number | boolean>>;
  readonly capacity: {
    readonly cpu: number;
    readonly memory: string;
    readonly storage?: string;
    readonly addresses?: number;
    readonly gpus?: number;
  };
  readonly terms?: SaidTerms;
  readonly listen?: { readonly api?: string; readonly gateway?: string; readonly admin?: string };
  readonly ports?: string;
  readonly freeHosts?: readonly string[];
  readonly stores?: readonly string[];
  readonly runtime?: "process" | "container";
  readonly tpm?: { readonly tcti: string; readonly certificates: string };
}

/** Terms that it says. */
export type SaidTerms = Partial<
  Record<
    | "bond"
    | "valid"
    | "challengeBond"
    | "beat"
    | "grace"
    | "challenge"
    | "response"
    | "publisherNotice"
    | "providerNotice"
    | "start"
    | "rest",
    string
  >
>;

const text = (what: string, pattern: RegExp, example: string): TextShape => ({ kind: "text", what, pattern, example });
const PATH = text("a path from this file's folder", /^[^\0]{1,512}$/, "wallet.json");
const ACCOUNT = text("an address of a contract", /^0x[0-9a-fA-F]{40}$/, "0x5FbDB2315678afecb367f032d93F642f64180aa3");
const PLACE = text("an address and a port", /^[\w.:[\]-]{1,253}:\d{1,5}$/, "0.0.0.0:7180");
const SIZE = text("a size", /^\d{1,9}(MiB|GiB|TiB)$/, "8GiB");
const SPAN = text("a time", /^\d{1,7}(s|m|h|d)$/, "10m");
const HELD = text("tokens an hour or a month", /^\d{1,12}(\.\d{1,18})?\/(hour|month)$/, "5/month");
const USED = { kind: "scalar" } as const;
const MONEY = { kind: "scalar" } as const;
const DOMAIN = text("a domain, or * for all", /^(\*|[a-z0-9.-]{1,253})$/, "pods.example.com");
const URL_SHAPE = text("a URL", /^https?:\/\/\S{1,500}$/, "https://store.example.com");

const span = (about: string) => ({ shape: SPAN, about });

/** All that the file of a provider may say. */
export const CONFIG_SHAPE: RecordShape = record({
  wallet: { shape: PATH, about: "Keystore of the account that sells.", isRequired: true },
  data: { shape: PATH, about: "Folder of records, volumes and artifacts.", isRequired: true },
  address: {
    shape: text("a name or an address", /^[\w.:-]{1,253}$/, "provider.example.com"),
    about: "By what others reach this machine.",
    isRequired: true,
  },
  chain: {
    shape: record({
      url: { shape: URL_SHAPE, about: "Of the JSON-RPC of a node.", isRequired: true },
      id: { shape: { kind: "integer", min: 1, max: 2 ** 32 - 1 }, about: "Of the chain.", isRequired: true },
      leases: { shape: ACCOUNT, about: "Contract of leases.", isRequired: true },
      token: { shape: ACCOUNT, about: "Contract of the token that is paid in.", isRequired: true },
      registry: { shape: ACCOUNT, about: "Contract in which providers are found.", isRequired: true },
      decimals: {
        shape: { kind: "integer", min: 0, max: 18 },
        about: "Digits of the token behind the point.",
        isRequired: true,
      },
    }),
    about: "Where leases are opened and paid.",
    isRequired: true,
  },
  prices: {
    shape: record({
      cpu: { shape: HELD, about: "A core that is held.", isRequired: true },
      memory: { shape: HELD, about: "A GiB of memory that is held.", isRequired: true },
      storage: { shape: HELD, about: "A GiB of volumes that is held." },
      ip: { shape: HELD, about: "A public address that is held." },
      gpu: { shape: HELD, about: "A device that is held." },
      egress: { shape: USED, about: "A GiB that goes out.", isRequired: true },
      ingress: { shape: USED, about: "A GiB that comes in.", isRequired: true },
    }),
    about: "What it asks for, in tokens.",
    isRequired: true,
  },
  capacity: {
    shape: record({
      cpu: { shape: { kind: "number", min: 0.001, max: 100_000 }, about: "Cores.", isRequired: true },
      memory: { shape: SIZE, about: "Memory.", isRequired: true },
      storage: { shape: SIZE, about: "Volumes. Default: none." },
      addresses: { shape: { kind: "integer", min: 0, max: 65_536 }, about: "Public addresses. Default: 0." },
      gpus: { shape: { kind: "integer", min: 0, max: 1_024 }, about: "Devices. Default: 0." },
    }),
    about: "What it sells of this machine.",
    isRequired: true,
  },
  terms: {
    shape: record({
      bond: span("So much of the pay is at stake for each lease. Default: 3d."),
      valid: span("How long a quote can be taken. Default: 10m."),
      challengeBond: { shape: MONEY, about: "What whoever challenges puts in. Default: 1." },
      beat: span("Beats are at most so far apart. Default: 1m."),
      grace: span("Darkness that costs nothing but the pay. Default: 10m."),
      challenge: span("How long a claim waits to be challenged. Default: 1h."),
      response: span("Time to answer a challenge. Default: 10m."),
      publisherNotice: span("From a publisher's notice to settlement. Default: 2h."),
      providerNotice: span("From this provider's notice to settlement. Default: 7d."),
      start: span("Time in which a pod starts. Default: 1h."),
      rest: span("Announced rest in each 30 days. Default: 4h."),
    }),
    about: "What holds for each lease.",
  },
  listen: {
    shape: record({
      api: { shape: PLACE, about: "For publishers. Default: 0.0.0.0:7180." },
      gateway: { shape: PLACE, about: "For requests to hosts of pods. Default: 0.0.0.0:8080." },
      admin: { shape: PLACE, about: "For its operator, on this machine alone. Default: 127.0.0.1:7181." },
    }),
    about: "Where it listens.",
  },
  ports: {
    shape: text("two ports", /^\d{1,5}-\d{1,5}$/, "20000-20999"),
    about: "Ports for TCP and UDP of pods. Default: 20000-20999.",
  },
  freeHosts: {
    shape: listOf(DOMAIN, HOSTS_FREE_MAX),
    about:
      "Domains of its own, below which hosts are for whoever comes first. Others are proved by DNS. Default: none.",
  },
  stores: {
    shape: listOf(URL_SHAPE, STORES_MAX),
    about: "Other stores that it fetches artifacts from. Default: none.",
  },
  runtime: { shape: { kind: "choice", of: ["process", "container"] }, about: "What pods run in. Default: process." },
  tpm: {
    shape: record({
      tcti: {
        shape: text("where a TPM is", /^\S{1,256}$/, "device:/dev/tpmrm0"),
        about: "As tpm2-tools have it.",
        isRequired: true,
      },
      certificates: { shape: PATH, about: "PEM: of its signing key, and of who issued that.", isRequired: true },
    }),
    about: "What its evidence is made by. Default: nothing, and evidence proves nothing.",
  },
});
