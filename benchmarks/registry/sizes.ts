import { createSystemClock, createSystemRandom } from "@orrery/core";
import { createRegistry, createSecretBox, createSecretKey, type Database, migrate } from "@orrery/registry";
import { sql } from "kysely";

/** What reading one of so many resources takes, in µs: one of a thousand that are asked for often, and one of all. */
export interface SizeCost {
  readonly resources: number;
  readonly hotUs: number;
  readonly coldUs: number;
}

const HOT = 1_000;

/** Fills a database with so many resources by SQL, and measures gets with their permission check. */
export async function measureSize(database: Database, resources: number, gets: number): Promise<SizeCost> {
  await sql`drop schema public cascade`.execute(database.kysely);
  await sql`create schema public`.execute(database.kysely);
  await migrate(database);
  const body = (address: string, kind: string, owner: string) =>
    `{"address":${address},"kind":"${kind}","properties":{},"fixed":[],"labels":{},"owner":"${owner}","status":{"state":"Ready"},"state":{},"finalizers":[],"created":1,"revision":1}`;
  await sql`insert into resource values ('bench.test', '', 'Space', ${body('"bench.test"', "Space", "ann")}::json)`.execute(
    database.kysely,
  );
  const [before, after] = body("@", "Base", "root").split("@");
  await sql`
    insert into resource select 'bench.test:b' || n, 'bench.test', 'Base', (${before}::text || '"bench.test:b' || n || '"' || ${after}::text)::json
    from generate_series(0, ${resources - 1}::int) n`.execute(database.kysely);
  await sql`update registry set revision = 1`.execute(database.kysely);
  await sql`analyze resource`.execute(database.kysely);
  const secrets = createSecretBox([createSecretKey()]);
  const open = (cached: number) =>
    createRegistry({ database, secrets, cached, clock: createSystemClock(), random: createSystemRandom() });
  const measure = async (cached: number, within: number, count: number) => {
    await using registry = await open(cached);
    const by = { agent: "ann" };
    const address = (n: number) => `bench.test:b${Math.floor(((n * 0.618033988749895) % 1) * within)}`;
    for (let n = 0; n < Math.min(count, 3 * within); n++) await registry.get(address(n), by);
    const began = performance.now();
    for (let n = 0; n < count; n++) await registry.get(address(n), by);
    return ((performance.now() - began) * 1_000) / count;
  };
  return {
    resources,
    hotUs: await measure(100_000, Math.min(HOT, resources), gets),
    coldUs: await measure(8, resources, Math.ceil(gets / 20)),
  };
}
