import { type Misfit, type RecordShape, readDocument, record, TEXT, type TextShape } from "@orrery/mesh/internal";
import { PLAN_FILE_BYTES_MAX, PLANS_MAX } from "./limits.ts";
import { parseMoney } from "./money.ts";
import { DAY_MS, EXTRAS, PLAN_LIMITS, type Plan, type PlanLimits, type PlanQuotas } from "./plan.ts";

/** Less memory starts no process. */
const MEMORY_BYTES_MIN = 96 * 1024 * 1024;

const text = (what: string, pattern: RegExp, example: string): TextShape => ({ kind: "text", what, pattern, example });
const MONEY = text("an amount and a currency", /^\d{1,9}(\.\d{1,4})? [A-Z]{3}$/, "35 USD");
const DAYS = text("a number of days", /^\d{1,4}d$/, "7d");
const SIZE = text("a size", /^[1-9]\d{0,5}[MG]iB$/, "256MiB");
const STORAGE = text("a size", /^[1-9]\d{0,5}[MGT]iB$/, "10GiB");
const LIMITS: RecordShape = record({
  memory: { shape: SIZE, about: "Memory; what takes more is ended, at least 96MiB." },
  processors: {
    shape: text("a share of one processor", /^[1-9]\d{0,4}%$/, "50%"),
    about: "Share of one processor; 200% is two.",
  },
  threads: { shape: { kind: "integer", min: 24, max: 4_096 }, about: "Processes, with their threads." },
  scratch: { shape: SIZE, about: "Bytes of /tmp." },
  instances: {
    shape: { kind: "integer", min: 0, max: 1_000_000 },
    about:
      "Instances of components of all apps of a Space at a time; of a span the most. Default: as many as there are.",
  },
  storage: {
    shape: STORAGE,
    about: "Bytes of all content of a Space, and of its store. Default: as many as come.",
  },
  requests: {
    shape: { kind: "number", min: 0.001, max: 1_000_000 },
    about: "Requests a second to a Space by its hosts, and calls of its apps; else 429. Default: as many as come.",
  },
});
const EXTRA: RecordShape = record({
  included: {
    shape: { kind: "integer", min: 0, max: 100_000 },
    about: "How many the price pays for.",
    isRequired: true,
  },
  price: { shape: MONEY, about: "What each further one costs for a month.", isRequired: true },
});

/** All that a file of plans may say. */
export const PLAN_FILE_SHAPE: RecordShape = record({
  plans: {
    shape: {
      kind: "map",
      names: text("a name of small letters, digits and -", /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "developer"),
      of: record({
        title: { shape: TEXT, about: "What people read.", isRequired: true },
        price: { shape: MONEY, about: "For a month, paid before it begins.", isRequired: true },
        seats: { shape: EXTRA, about: "People who have an account in the Space.", isRequired: true },
        services: { shape: EXTRA, about: "Apps in the Space.", isRequired: true },
        limits: {
          shape: LIMITS,
          about:
            "What each process of its apps may use, and what all of the Space may; of processes, what is left out is as of the plan developer.",
        },
        grace: {
          shape: DAYS,
          about: "How long a Space is served with an invoice open; less than 28d.",
          isRequired: true,
        },
        keep: { shape: DAYS, about: "How long its content is kept from then on; at least 14d.", isRequired: true },
      }),
      max: PLANS_MAX,
    },
    about: "Plans by name. The first is what a Space gets that names none.",
    isRequired: true,
  },
});

interface SaidPlan
  extends Readonly<Record<"seats" | "services", { readonly included: number; readonly price: string }>> {
  readonly title: string;
  readonly price: string;
  readonly grace: string;
  readonly keep: string;
  readonly limits?: SaidLimits;
}

interface SaidLimits {
  readonly memory?: string;
  readonly processors?: string;
  readonly threads?: number;
  readonly scratch?: string;
  readonly instances?: number;
  readonly storage?: string;
  readonly requests?: number;
}

interface SaidPlans {
  readonly plans: Readonly<Record<string, SaidPlan>>;
}

/**
 * Reads plans from a file, YAML or JSON.
 * @throws OrreryError `invalid_argument` with every mistake, each with `file:line:column`, what would work, its line and a caret
 */
export function parsePlanFile(content: string, { file }: { readonly file: string }): readonly Plan[] {
  const { plans = {} } = readDocument<SaidPlans>(content, PLAN_FILE_SHAPE, {
    ...{ file, bytesMax: PLAN_FILE_BYTES_MAX, showsLines: true },
    judge,
  });
  return Object.entries(plans).map(([name, said]) => planOf(name, said));
}

function planOf(name: string, { title, price, grace, keep, limits, ...extras }: SaidPlan): Plan {
  const { amount = 0, currency = "usd" } = parseMoney(price) ?? {};
  const extra = (of: "seats" | "services") => {
    return { included: extras[of].included, price: parseMoney(extras[of].price)?.amount ?? 0 };
  };
  const times = { graceMs: daysOf(grace) * DAY_MS, keepMs: daysOf(keep) * DAY_MS };
  return {
    name,
    title,
    currency,
    price: amount,
    extras: { seats: extra("seats"), services: extra("services") },
    ...times,
    ...(limits !== undefined && { limits: limitsOf(limits), ...quotasOf(limits) }),
  };
}

function quotasOf({ instances, storage, requests }: SaidLimits): { readonly quotas?: PlanQuotas } {
  const storageBytes = bytesOf(storage);
  const quotas: PlanQuotas = {
    ...(instances !== undefined && { instances }),
    ...(storageBytes !== undefined && { storageBytes }),
    ...(requests !== undefined && { requestsPerSecond: requests }),
  };
  return Object.keys(quotas).length === 0 ? {} : { quotas };
}

function limitsOf({ memory, processors, threads, scratch }: SaidLimits): PlanLimits {
  return {
    memoryBytes: bytesOf(memory) ?? PLAN_LIMITS.memoryBytes,
    processors: processors === undefined ? PLAN_LIMITS.processors : Number(processors.slice(0, -1)) / 100,
    threadsMax: threads ?? PLAN_LIMITS.threadsMax,
    scratchBytes: bytesOf(scratch) ?? PLAN_LIMITS.scratchBytes,
  };
}

function bytesOf(size: string | undefined): number | undefined {
  return (size && Number(size.slice(0, -3)) * 1024 ** (2 + "MGT".indexOf(size.at(-3) ?? ""))) || undefined;
}

function judge({ plans }: SaidPlans): readonly Misfit[] {
  const misfits: Misfit[] = [];
  for (const [name, said] of Object.entries(plans ?? {})) {
    const tell = (field: readonly string[], why: string) => {
      const path = ["plans", name, ...field];
      misfits.push({ path, text: `"${path.join(".")}" ${why}` });
    };
    const price = parseMoney(said.price);
    if (price === undefined) tell(["price"], `is "${said.price}", which no currency has: write one such as 35 USD`);
    for (const extra of EXTRAS) {
      const one = parseMoney(said[extra].price);
      if (one === undefined)
        tell([extra, "price"], `is "${said[extra].price}", which no currency has: write one such as 5 USD`);
      else if (price !== undefined && one.currency !== price.currency)
        tell([extra, "price"], `is of another currency than the plan: write it in ${price.currency.toUpperCase()}`);
    }
    if ((bytesOf(said.limits?.memory) ?? MEMORY_BYTES_MIN) < MEMORY_BYTES_MIN)
      tell(["limits", "memory"], `is ${said.limits?.memory}: write 96MiB or more, Node needs most of it`);
    if (daysOf(said.grace) >= 28)
      tell(["grace"], `is ${said.grace}: write less than 28d, so that one invoice is open at a time`);
    if (daysOf(said.keep) < 14) tell(["keep"], `is ${said.keep}: write 14d or more, a week of it after a notice`);
  }
  return misfits;
}

function daysOf(text: string): number {
  return Number(text.slice(0, -1));
}
