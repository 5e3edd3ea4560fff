import type { Addon, AddonPermission } from "./addon.ts";
import type { SignedOffer } from "./offer.ts";

/** What add-ons are told of a provider. Nothing of it is a tenant's. */
export interface AddonFacts {
  /** Units of each resource, all of it and what nobody holds. */
  capacity(): { readonly total: Readonly<Record<string, string>>; readonly free: Readonly<Record<string, string>> };
  /** Prices and conditions of quotes. */
  prices(): unknown;
  /** Signs what it has and asks for, for so many seconds. */
  offer(validS: number): Promise<SignedOffer>;
}

/** What answers an add-on. */
export interface AddonAnswer {
  readonly status: 200 | 400 | 403 | 404 | 429;
  readonly body: unknown;
  /** What is to be written down of it. Absent: nothing. */
  readonly act?: { readonly what: string; readonly outcome: "done" | "refused" };
}

const WAYS: Readonly<Record<string, AddonPermission>> = {
  "GET /capacity": "read-capacity",
  "GET /prices": "read-prices",
  "POST /offers": "sign-offers",
};

/** Counts offers of one add-on within an hour. */
export interface OfferCount {
  /** Whether one more may be signed; it is counted then. */
  take(perHour: number): boolean;
}

/** Answers one request of an add-on: by what it declared, within its bounds, and nothing else. */
export async function answerAddon(
  addon: Addon,
  request: { readonly method: string; readonly path: string; readonly body: string },
  { facts, count }: { readonly facts: AddonFacts; readonly count: OfferCount },
): Promise<AddonAnswer> {
  const way = `${request.method} ${request.path}`;
  const needed = Object.hasOwn(WAYS, way) ? WAYS[way] : undefined;
  if (needed === undefined) return refuse(404, way, `there is no ${way}, choose from ${Object.keys(WAYS).join(", ")}`);
  if (!addon.permissions.includes(needed))
    return refuse(403, way, `it takes permission ${needed}, which ${addon.name} does not declare`);
  if (way === "GET /capacity") return { status: 200, body: facts.capacity() };
  if (way === "GET /prices") return { status: 200, body: facts.prices() };
  const validS = validOf(request.body, addon.offers.validS);
  if (validS === undefined || validS > addon.offers.validS)
    return refuse(400, way, `validS is 1 to ${addon.offers.validS}, in seconds`);
  if (!count.take(addon.offers.perHour)) return refuse(429, way, `${addon.offers.perHour} an hour are the most`);
  const offer = await facts.offer(validS);
  return { status: 200, body: offer, act: { what: `sign offer ${offer.sequence} for ${validS} s`, outcome: "done" } };
}

function refuse(status: AddonAnswer["status"], way: string, why: string): AddonAnswer {
  return { status, body: { error: `Cannot answer: ${why}` }, act: { what: way.slice(0, 200), outcome: "refused" } };
}

function validOf(body: string, most: number): number | undefined {
  if (body === "") return most;
  try {
    const { validS } = JSON.parse(body) as { readonly validS?: unknown };
    if (validS === undefined) return most;
    return Number.isSafeInteger(validS) && (validS as number) > 0 ? (validS as number) : undefined;
  } catch {
    return undefined;
  }
}
