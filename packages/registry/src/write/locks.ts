import { OrreryError } from "@orrery/core";
import { LOCK_MS_MAX, LOCK_MS_MIN } from "../limits.ts";
import type { Lock, Resource } from "../resource.ts";
import { isOperator } from "../rights/decide.ts";
import { isSameText } from "../same-text.ts";
import type { Draft } from "./draft.ts";
import { assertMay, type By, type Doing, existing, localAddress } from "./ground.ts";

/** What a lock is asked for. */
export interface LockRequest {
  readonly address: string;
  /** How long it lasts, in ms, from 100 to a day; locking again with its token makes it last anew. */
  readonly ttlMs: number;
}

/** The lock of a resource as long as it lasts. */
function lockOf({ lock }: Pick<Resource, "lock">, now: number): Lock | undefined {
  return lock !== undefined && lock.until > now ? lock : undefined;
}

/** What its holder shows to write: the fence, which all may see, and the key, which only it knows. */
export function tokenOf({ fence, key }: Lock): string {
  return `${fence}.${key}`;
}

/** @throws OrreryError `aborted` where somebody else has locked it, or the lock ended whose token is shown */
export function assertUnlocked(
  resource: Resource,
  { token }: By,
  { now, doing = "write" }: { readonly now: number; readonly doing?: string },
): void {
  const lock = lockOf(resource, now);
  const { address } = resource;
  if (token !== undefined) {
    if (lock !== undefined && isSameText(token, tokenOf(lock))) return;
    throw new OrreryError("aborted", `Cannot ${doing} "${address}": the lock of that token has ended, lock it again`, {
      details: { address },
    });
  }
  if (lock === undefined) return;
  throw lockedError(`${doing} "${address}"`, { address, lock });
}

/** Makes the error of what somebody else has locked. */
export function lockedError(
  doing: string,
  { address, lock: { holder, until, fence } }: { readonly address: string; readonly lock: Omit<Lock, "key"> },
): OrreryError {
  const message = `Cannot ${doing}: it is locked by "${holder}" until ${new Date(until).toISOString()}, wait or show its token`;
  return new OrreryError("aborted", message, { details: { address, holder, until, fence } });
}

/** Locks a resource, or makes the lock last that it has. Gives its address. */
export async function applyLock(
  draft: Draft,
  { address: text, ttlMs }: LockRequest,
  { by, ground }: Doing,
): Promise<string> {
  const address = localAddress(text);
  if (!(ttlMs >= LOCK_MS_MIN && ttlMs <= LOCK_MS_MAX))
    throw new OrreryError(
      "invalid_argument",
      `Cannot lock "${address}" for ${ttlMs} ms: it may last from ${LOCK_MS_MIN} ms to ${LOCK_MS_MAX / 3_600_000} h`,
    );
  await assertMay({ agent: by.agent, verb: "write", address }, { reads: draft, rights: ground.rights });
  const resource = await existing(draft, address, "lock");
  const now = ground.now();
  const held = lockOf(resource, now);
  if (held !== undefined) assertUnlocked(resource, by, { now, doing: "lock" });
  const lock = { holder: by.agent, fence: draft.nextRevision(), key: ground.chance(16), ...held, until: now + ttlMs };
  draft.put({ ...resource, lock }, ["lock"], by.agent);
  return address;
}

/** Ends a lock. Its holder shows the token; who may write the parent needs none with `force`. */
export async function applyUnlock(
  draft: Draft,
  { address: text, force }: { address: string; force?: boolean },
  { by, ground }: Doing,
): Promise<string> {
  const address = localAddress(text);
  await assertMay({ agent: by.agent, verb: "write", address }, { reads: draft, rights: ground.rights });
  const resource = await existing(draft, address, "unlock");
  const held = lockOf(resource, ground.now());
  if (held === undefined) return address;
  if (force) await assertOwner(draft, address, { by, ground });
  else if (!isSameText(by.token ?? "", tokenOf(held)))
    throw new OrreryError(
      "permission_denied",
      `Cannot unlock "${address}": ${by.token === undefined ? `"${held.holder}" holds the lock and no token was shown` : `that is not the token of the lock that "${held.holder}" holds`}, show that, or force it as owner`,
      { details: { address } },
    );
  const { lock: _, ...rest } = resource;
  draft.put(rest, ["lock"], by.agent);
  return address;
}

async function assertOwner(draft: Draft, address: string, { by, ground }: Doing): Promise<void> {
  if (isOperator(by.agent, ground.rights)) return;
  const resource = await draft.get(address);
  if (resource?.owner === by.agent) return;
  throw new OrreryError(
    "permission_denied",
    `Cannot unlock "${address}" without its token as "${by.agent}": only its owner and operators may`,
  );
}
