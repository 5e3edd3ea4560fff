import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, type LogEntry } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import type { Database, Registry } from "@orrery/registry";
import { openTestRegistry } from "@orrery/registry/conformance";
import type { AccessKeys } from "../accounts/access-keys.ts";
import type { Accounts } from "../accounts/accounts.ts";
import { createAccounts } from "../accounts/create-accounts.ts";
import type { PasswordHasher } from "../accounts/password-hasher.ts";
import { openAccessKeys } from "../accounts/system-access-keys.ts";
import { createArgon2Hasher } from "../accounts/system-argon2.ts";
import { createGateClock, type GateClock } from "./gate-clock.ts";

/** Who may do everything in tests of accounts. */
export const OPERATOR = { agent: "operator" };
export const ANN = "demo.test:users:ann";
export const BOB = "demo.test:users:bob";
export const ROLE = "demo.test:administrators";
/** The password of ann; bob has none. */
export const PASSWORD = "correct horse battery";

/** Accounts of tests, over a registry of their own. */
export interface TestAccounts {
  readonly accounts: Accounts;
  readonly registry: Registry & { readonly database: Database };
  readonly hasher: PasswordHasher;
  readonly clock: GateClock;
  readonly keys: AccessKeys;
  readonly keyFile: string;
  readonly log: readonly LogEntry[];
  /** Hashes that passwords were compared with, by what comparing costs. */
  readonly compared: readonly string[];
  /** All that the database holds, as text. */
  dump(): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens them; time passes when a test says so, and while somebody waits for it. */
export async function openTestAccounts(): Promise<TestAccounts> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-accounts-"));
  const gate = createGateClock();
  const clock: GateClock = { ...gate, sleep: async (ms) => gate.pass(ms) };
  const registry = await openTestRegistry({ clock, operators: ["operator", ROLE], ownersKnown: true });
  await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
  await registry.create({ address: "demo.test:users", kind: "UserBase" }, OPERATOR);
  for (const address of [ANN, BOB]) await registry.create({ address, kind: "User" }, OPERATOR);
  const random = createSeededRandom(3);
  const hasher = createArgon2Hasher({ random, cost: { memory: 8, passes: 1, lanes: 1 } });
  const compared: string[] = [];
  const verify: typeof hasher.verify = (password, hash) => {
    compared.push(hash.split("$").slice(0, 4).join("$"));
    return hasher.verify(password, hash);
  };
  const keyFile = join(folder, "access.key");
  const keys = await openAccessKeys(keyFile);
  const entries: LogEntry[] = [];
  const log = createLog({ sink: (entry) => void entries.push(entry), now: clock.now, fields: {} });
  const accounts = await createAccounts({ registry, keys, hasher: { ...hasher, verify }, clock, random, log });
  await accounts.setPassword({ user: ANN, password: PASSWORD }, OPERATOR);
  return {
    ...{ accounts, registry, hasher, clock, keys, keyFile, compared, log: entries },
    dump: async () => {
      const { kysely } = registry.database;
      const tables = await kysely.introspection.getTables();
      const rows = await Promise.all(
        tables.map(({ name }) =>
          kysely
            .selectFrom(name as never)
            .selectAll()
            .execute(),
        ),
      );
      return JSON.stringify(rows);
    },
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
