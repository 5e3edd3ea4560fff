// Writes what a registry of the newest schema keeps, for the tests of those that come: node write-fixture.ts; the schema's file must not be there yet.
import { writeFileSync } from "node:fs";
import { createSeededRandom } from "@orrery/core/conformance";
import { createMemoryBlobs } from "../blobs/memory-blobs.ts";
import { createRegistry } from "../create-registry.ts";
import { MIGRATIONS } from "../store/migrations.ts";
import { openPGlite } from "../store/system-pglite.ts";
import { readRows, TABLES } from "../store/table-rows.ts";
import { createSecretBox, createSecretKey } from "../system-secret-box.ts";
import { fillRegistry, SAFE, standingClock } from "./fill-registry.ts";

const database = await openPGlite();
const key = createSecretKey();
const clock = standingClock();
const registry = await createRegistry({
  database,
  clock,
  random: createSeededRandom(1),
  secrets: createSecretBox([key]),
  kinds: [SAFE],
});
await fillRegistry(registry, createMemoryBlobs({ clock }));
await registry[Symbol.asyncDispose]();
const lines = [JSON.stringify({ key: key.id, bytes: Buffer.from(key.bytes).toString("base64") })];
await database.kysely.transaction().execute(async (transaction) => {
  for (const table of TABLES)
    for await (const rows of readRows(transaction, table, 10))
      for (const row of rows) lines.push(`{"table":"${table.name}","row":${row}}`);
});
const path = new URL(`./schemas/${MIGRATIONS.at(-1)?.name}.jsonl`, import.meta.url);
writeFileSync(path, `${lines.join("\n")}\n`, { flag: "wx" });
process.exit(0);
