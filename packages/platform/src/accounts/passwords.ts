import { OrreryError, type Random } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "./limits.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import type { Users } from "./users.ts";

/** One of several writes that are done together. */
export type Step = Parameters<Registry["apply"]>[0][number];

/** A password that was right. */
export interface RightPassword {
  /** Whether it was good for this once. */
  readonly isOnce: boolean;
  /** Fails, and all that is written with it, where the password is another meanwhile; takes away one that was good for once. */
  readonly step: Step;
}

/** Passwords of users, as resources in them. */
export interface Passwords {
  /** Looks at a password as long whether the user is there or not. @throws OrreryError as `PasswordHasher` */
  check(user: string, password: string): Promise<RightPassword | undefined>;
  has(user: string): Promise<boolean>;
  /** Sets a password; gives the revision from which on it counts. */
  set(user: string, password: string, options?: { readonly once?: boolean }): Promise<number>;
}

/** Makes them. */
export async function createPasswords({
  users,
  hasher,
  random,
}: {
  readonly users: Users;
  readonly hasher: PasswordHasher;
  readonly random: Random;
}): Promise<Passwords> {
  /** Of nobody: what the password of a user who is not there is compared with. */
  const nobodys = await hasher.hash(Buffer.from(random.bytes(32)).toString("base64url"));
  return {
    check: async (user, password) => {
      const address = placeOf(user);
      const known = (await users.find(user)) === undefined ? undefined : await users.peek(address, "Password");
      const kept = known === undefined ? nobodys : String(await users.reveal(address, "hash"));
      const isRight = await hasher.verify(password, kept);
      if (known === undefined || !isRight) return undefined;
      const at = { address, ifRevision: known.revision };
      if (known.properties["once"] === true) return { isOnce: true, step: { remove: at } };
      const anew = hasher.isCurrent(kept) ? {} : { properties: { hash: await hasher.hash(password) } };
      return { isOnce: false, step: { change: { ...at, ...anew } } };
    },
    has: async (user) => (await users.peek(placeOf(user), "Password")) !== undefined,
    set: async (user, password, { once = false } = {}) => {
      const properties = { hash: await hasher.hash(password), once };
      const create = { address: placeOf(user), kind: "Password", strategy: "update", properties, owner: user } as const;
      return (await users.registry.apply([{ create }], users.by)).revision;
    },
  };
}

function placeOf(user: string): string {
  return `${user}:password`;
}

/** @throws OrreryError `invalid_argument` for what no password may be */
export function assertGoodPassword(password: string, user: string): void {
  assertNoLongPassword(password);
  const failing = `Cannot set the password of "${user}"`;
  if ([...password].length < PASSWORD_LENGTH_MIN)
    throw new OrreryError(
      "invalid_argument",
      `${failing}: it has fewer than ${PASSWORD_LENGTH_MIN} characters, take a longer one`,
    );
  const name = user.slice(user.lastIndexOf(":") + 1);
  if (new Set(password).size < 4 || password.toLowerCase() === name || user.includes(password.toLowerCase()))
    throw new OrreryError("invalid_argument", `${failing}: it is too easy to guess, take several words`);
}

/** @throws OrreryError `invalid_argument` for what is longer than any password */
export function assertNoLongPassword(password: string): void {
  if (password.length <= PASSWORD_LENGTH_MAX) return;
  const text = `Cannot take a password of ${password.length} characters: up to ${PASSWORD_LENGTH_MAX} are one`;
  throw new OrreryError("invalid_argument", text);
}
