import { listOf, parseDuration, parseSize, type RecordShape, readDocument, record } from "@orrery/mesh/internal";
import { parseCpu } from "../pod/parse-cpu.ts";
import type { Pod } from "../pod/pod.ts";
import { ADDON_FILE_BYTES_MAX, OFFER_S_MAX, OFFERS_PER_HOUR_MAX } from "./limits.ts";

/** What an add-on may be allowed: each is closed to those that do not declare it. */
export const ADDON_PERMISSIONS = ["read-capacity", "read-prices", "sign-offers", "internet"] as const;

/** One of them. */
export type AddonPermission = (typeof ADDON_PERMISSIONS)[number];

/** Name of the file that says what an add-on is. */
export const ADDON_FILE = "addon.yaml";

/** Where an add-on finds the socket of its provider. */
export const ADDON_SOCKET = "/run/orrery/provider.sock";

/** A program of others that runs beside a provider, outside of what tenants trust. */
export interface Addon {
  readonly name: string;
  readonly about: string;
  readonly permissions: readonly AddonPermission[];
  /** Bounds of what it may sign. */
  readonly offers: { readonly perHour: number; readonly validS: number };
  readonly memoryMiB: number;
  /** Thousandths of a core. */
  readonly cpu: number;
}

interface SaidAddon {
  readonly name: string;
  readonly about?: string;
  readonly permissions: readonly AddonPermission[];
  readonly offers?: { readonly perHour?: number; readonly validFor?: string };
  readonly memory?: string;
  readonly cpu?: string | number;
}

const text = (what: string, pattern: RegExp, example: string) => ({ kind: "text", what, pattern, example }) as const;

const SHAPE: RecordShape = record({
  name: {
    shape: text("a name of small letters, digits and -", /^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$/, "market-agent"),
    about: "Names it among your add-ons.",
    isRequired: true,
  },
  about: {
    shape: text("a line", /^[^\n]{0,200}$/, "Lists offers"),
    about: "What it is for. Default: nothing is said.",
  },
  permissions: {
    shape: listOf({ kind: "choice", of: [...ADDON_PERMISSIONS] }, ADDON_PERMISSIONS.length),
    about: "All that it may do; what is not here is closed to it.",
    isRequired: true,
  },
  offers: {
    shape: record({
      perHour: { shape: { kind: "integer", min: 1, max: OFFERS_PER_HOUR_MAX }, about: "Default: 60." },
      validFor: {
        shape: text("a time", /^\d{1,6}(s|m|h)$/, "1h"),
        about: "How long one is good, a day at most. Default: 1h.",
      },
    }),
    about: "Bounds of what it may sign.",
  },
  memory: {
    shape: text("a size", /^\d{1,6}(KiB|MiB|GiB)$/, "128MiB"),
    about: "With more it is ended. Default: 128MiB.",
  },
  cpu: { shape: { kind: "scalar" }, about: "Cores, such as 100m. Default: 100m." },
});

/** Reads what an add-on is. @throws OrreryError `invalid_argument` with every mistake, its line and what would work */
export function parseAddon(source: string, { file }: { readonly file: string }): Addon {
  const said = readDocument<SaidAddon>(source, SHAPE, { file, bytesMax: ADDON_FILE_BYTES_MAX, showsLines: true });
  const { perHour = 60, validFor = "1h" } = said.offers ?? {};
  return {
    name: said.name,
    about: said.about ?? "",
    permissions: said.permissions,
    offers: { perHour, validS: Math.min(OFFER_S_MAX, (parseDuration(validFor) ?? 0) / 1_000) },
    memoryMiB: Math.ceil((parseSize(said.memory ?? "128MiB") ?? 0) / 1024 ** 2),
    cpu: parseCpu(said.cpu ?? "100m") ?? 100,
  };
}

/** The pod as which an add-on runs: one container, without ports, volumes or secrets. */
export function podOfAddon({ name, memoryMiB, cpu }: Addon): Pod {
  const env = { ORRERY_PROVIDER: `unix:${ADDON_SOCKET}` };
  return {
    name,
    containers: [{ name: "main", image: { source: "." }, env, ports: [], mounts: [], cpu, memoryMiB, gpus: 0 }],
    ...{ volumes: [], secrets: [], replicas: 1, addresses: 0, traffic: { egressKiB: 0, ingressKiB: 0 } },
  };
}
