// npm run bench:registry: measures the registry beside SQL by hand, and writes the tables of docs/reference/registry.md. `-- --quick` measures little, and prints.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "@orrery/core";
import { type Database, openManagedPostgres, openPGlite } from "@orrery/registry";
import { REGISTRY_PAGE, writePage } from "../lib/document.ts";
import { describeMachine } from "../lib/machine.ts";
import { say } from "../lib/main.ts";
import { median } from "../lib/statistics.ts";
import { openByHand } from "./by-hand.ts";
import { openByRegistry } from "./by-registry.ts";
import { measureSize } from "./sizes.ts";
import { prepare, works } from "./work.ts";

const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 2 : 9;
const sizes = isQuick ? [1_000, 20_000] : [1_000, 100_000, 1_000_000];
const rows: string[] = [];

async function compare(name: string, database: Database): Promise<void> {
  say(`${name}: filling`);
  const registry = await openByRegistry(database);
  const hand = await openByHand(database);
  for (const subject of [registry, hand]) await prepare(subject);
  for (const { name: work, lanes, run } of works(isQuick ? 0.1 : 1)) {
    const rates = { registry: [] as number[], hand: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      say(`${name}: ${work}, ${lanes} at once, round ${round + 1} of ${rounds}`);
      const order = round % 2 === 0 ? (["registry", "hand"] as const) : (["hand", "registry"] as const);
      for (const who of order) rates[who].push(await run(who === "registry" ? registry : hand, round));
    }
    const ratio = median(rates.registry.map((rate, round) => rate / (rates.hand[round] ?? 1)));
    const cells = [
      name,
      work,
      lanes,
      median(rates.hand).toFixed(0),
      median(rates.registry).toFixed(0),
      ratio.toFixed(2),
    ];
    rows.push(`| ${cells.join(" | ")} |`);
  }
  await registry.close();
}

const folder = mkdtempSync(join(tmpdir(), "orrery-bench-"));
chmodSync(folder, 0o711); // PostgreSQL may run as another user.
const pglite = await openPGlite({ folder: join(folder, "pglite") });
await compare("PGlite", pglite);
await pglite.close();
const postgres = await openManagedPostgres({ folder: join(folder, "postgres"), clock: createSystemClock() });
await compare("PostgreSQL 18", postgres);
const costs = [];
for (const [at, size] of sizes.entries()) {
  say(`PostgreSQL 18: get among ${size} resources, size ${at + 1} of ${sizes.length}`);
  costs.push(await measureSize(postgres, size, isQuick ? 5_000 : 50_000));
}
await postgres.close();
rmSync(folder, { recursive: true, force: true });

const us = (value: number) => `${value.toFixed(1)} µs`;
const text = [
  "| database | work | at once | by hand, a second | registry, a second | ratio |",
  "| --- | --- | ---: | ---: | ---: | ---: |",
  ...rows,
  "",
  "| resources | get and permission check, of 1,000 that are asked for often | of all, none in memory |",
  "| ---: | ---: | ---: |",
  ...costs.map(({ resources, hotUs, coldUs }) => `| ${resources} | ${us(hotUs)} | ${us(coldUs)} |`),
  "",
  describeMachine(),
].join("\n");
if (isQuick) process.stdout.write(`${text}\n`);
else writePage(text, REGISTRY_PAGE);
process.exit(0);
