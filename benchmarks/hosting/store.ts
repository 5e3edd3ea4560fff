import { createLog, createSystemClock, createSystemRandom, discardLog } from "@orrery/core";
import { openSpaceServices } from "@orrery/platform";
import { createRegistry, createSecretBox, createSecretKey, type Database } from "@orrery/registry";
import { sql } from "kysely";
import { median } from "../lib/statistics.ts";

/** What is measured: the same work, by a store and by hand. */
interface Subject {
  get(key: string): Promise<Uint8Array>;
  set(key: string, value: Uint8Array): Promise<void>;
}

/** One row: operations a second, and their ratio by rounds. */
export interface StoreResult {
  readonly work: string;
  readonly atOnce: number;
  readonly hand: number;
  readonly store: number;
  readonly ratio: number;
}

const KEYS = 1_000;
const VALUE = new TextEncoder().encode("x".repeat(256));
const SPACE = "bench.test";

/** Gets and sets by a store and by hand in turn, over one database. */
export async function measureStore(
  database: Database,
  { rounds, count }: { rounds: number; count: number },
): Promise<readonly StoreResult[]> {
  const [clock, random] = [createSystemClock(), createSystemRandom()];
  const secrets = createSecretBox([createSecretKey()]);
  await using registry = await createRegistry({ database, clock, random, secrets });
  await using services = await openSpaceServices({
    ...{ registry, database, clock, random, secrets },
    log: createLog({ sink: discardLog, now: () => clock.now(), fields: {} }),
  });
  await registry.create({ address: SPACE, kind: "Space", strategy: "ensure", owner: "ann" }, { agent: "operator" });
  const by = { agent: "ann" };
  const store: Subject = {
    get: async (key) => (await services.store.get({ space: SPACE, key }, by)).value,
    set: async (key, value) => void (await services.store.write({ space: SPACE, writes: [{ key, value }] }, by)),
  };
  const hand = await openByHand(database);
  for (const subject of [store, hand]) for (let at = 0; at < KEYS; at++) await subject.set(`key-${at}`, VALUE);
  const results: StoreResult[] = [];
  for (const work of ["get", "set"] as const)
    for (const atOnce of [1, 32]) {
      const rates = { store: [] as number[], hand: [] as number[] };
      for (let round = 0; round <= rounds; round++)
        for (const name of round % 2 === 0 ? (["store", "hand"] as const) : (["hand", "store"] as const)) {
          const one = await rateOf(name === "store" ? store : hand, {
            work,
            atOnce,
            count: work === "set" ? Math.ceil(count / 5) : count,
          });
          if (round > 0) rates[name].push(one); // The first one warms.
        }
      const ratio = median(rates.store.map((one, round) => one / (rates.hand[round] ?? 1)));
      results.push({ work, atOnce, hand: median(rates.hand), store: median(rates.store), ratio });
    }
  return results;
}

async function rateOf(
  subject: Subject,
  { work, atOnce, count }: { work: "get" | "set"; atOnce: number; count: number },
): Promise<number> {
  let next = 0;
  const before = performance.now();
  const lane = async () => {
    while (next < count) {
      const key = `key-${(next++ * 7) % KEYS}`;
      if (work === "set") await subject.set(key, VALUE);
      else if ((await subject.get(key)).length !== VALUE.length) throw new Error(`Cannot get "${key}"`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return (count / (performance.now() - before)) * 1_000;
}

/** A table as one would make it: keys within a space, a value, the version that rises with each write in the space. */
async function openByHand({ kysely }: Database): Promise<Subject> {
  await sql`drop table if exists hand_entry, hand_space`.execute(kysely);
  await sql`create table hand_space (space int primary key, version bigint not null)`.execute(kysely);
  await sql`insert into hand_space values (1, 0)`.execute(kysely);
  await sql`create table hand_entry (space int, key text collate "C", value bytea not null, version bigint not null, primary key (space, key))`.execute(
    kysely,
  );
  return {
    get: async (key) => {
      const { rows } = await sql<{ value: Uint8Array }>`
        select value from hand_entry where space = 1 and key = ${key}`.execute(kysely);
      return rows[0]?.value ?? new Uint8Array();
    },
    set: async (key, value) =>
      void (await kysely.transaction().execute(async (transaction) => {
        const { rows } = await sql<{ version: string }>`
          update hand_space set version = version + 1 where space = 1 returning version`.execute(transaction);
        await sql`
          insert into hand_entry values (1, ${key}, ${value}, ${rows[0]?.version}::bigint)
          on conflict (space, key) do update set value = excluded.value, version = excluded.version`.execute(
          transaction,
        );
      })),
  };
}
