import { type Clock, OrreryError } from "@orrery/core";
import { Bucket } from "@orrery/mesh/internal";
import { AccountsService } from "../gen/orrery/accounts/v1/accounts_pb.ts";
import { SignupService } from "../gen/orrery/signup/v1/signup_pb.ts";
import type { Accounts } from "./accounts.ts";
import { SOURCE_BURST, SOURCE_PER_MINUTE, SOURCES_MAX } from "./limits.ts";

/** Tells as whom a request comes in by HTTP, from its header fields and where it comes from and leads to. */
export type DoorAgent = (
  headers: Pick<Headers, "get">,
  from: { readonly remoteAddress: string; readonly path: string },
) => Promise<string>;

/** Methods by which somebody may guess, or have others mailed. */
const GUESSED = [
  AccountsService.method.login,
  AccountsService.method.loginByIssuer,
  AccountsService.method.refresh,
  AccountsService.method.setPassword,
  SignupService.method.begin,
  SignupService.method.confirm,
  SignupService.method.order,
];
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,8192}=*) *$/i;

/**
 * Makes what an HTTP door asks who comes: whoever shows a token is whose token it is, whoever shows none is anonymous, and a token that is not
 * good is refused, for whoever shows it takes himself for somebody. Each source may guess so often and no more.
 */
export function createDoorAgent({
  accounts,
  clock,
}: {
  readonly accounts: Pick<Accounts, "authenticate">;
  readonly clock: Pick<Clock, "monotonic">;
}): DoorAgent {
  const take = createSources(clock);
  const guessed = new Set(GUESSED.map(({ parent, name }) => `/${parent.typeName}/${name}`.toLowerCase()));
  return async (headers, { remoteAddress, path }) => {
    if (guessed.has(path.toLowerCase())) take(remoteAddress);
    const said = headers.get("authorization");
    if (said === null) return "anonymous";
    const [, token] = BEARER.exec(said) ?? [];
    if (token !== undefined) return accounts.authenticate(token);
    const text = "Cannot tell who you are: the header authorization is no bearer token, write Bearer and the token";
    throw new OrreryError("unauthenticated", text);
  };
}

/** Counts guesses by source, and refuses too many; of an IPv6 address by the network of 64 bits, which one customer has to himself. */
export function createSources(clock: Pick<Clock, "monotonic">): (address: string) => void {
  const buckets = new Map<string, Bucket>();
  return (address) => {
    const source = sourceOf(address);
    const nowMs = clock.monotonic();
    const bucket = buckets.get(source) ?? new Bucket({ perSecond: SOURCE_PER_MINUTE / 60, burst: SOURCE_BURST }, nowMs);
    buckets.delete(source);
    if (buckets.size >= SOURCES_MAX) buckets.delete(buckets.keys().next().value ?? "");
    buckets.set(source, bucket);
    if (!bucket.has(nowMs)) {
      const waitMs = Math.max(1, bucket.waitMs(nowMs));
      const text = `Cannot log in from here so often: try again in ${Math.ceil(waitMs / 1_000)} s`;
      throw new OrreryError("resource_exhausted", text, { details: { retryAfterMs: Math.ceil(waitMs) } });
    }
    bucket.take(nowMs);
  };
}

function sourceOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address.slice(address.lastIndexOf(":") + 1);
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const parts = [...first, ...Array<string>(Math.max(0, zeros)).fill("0"), ...last];
  return `${parts.slice(0, 4).join(":")}::/64`;
}
