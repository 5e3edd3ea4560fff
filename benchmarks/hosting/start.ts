// npm run bench:hosting: measures what hosting costs beside the same without it, and writes the tables of docs/reference/hosting.md. `-- --quick` measures little, and
// prints; `-- --spaces=200` says in how many Spaces services idle.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "@orrery/core";
import { openManagedPostgres } from "@orrery/registry";
import { HOSTING_PAGE, writePage } from "../lib/document.ts";
import { describeMachine } from "../lib/machine.ts";
import { say } from "../lib/main.ts";
import { openPlatform } from "../lib/open-platform.ts";
import { measureFirstCall } from "./first-call.ts";
import { measureGateway } from "./gateway.ts";
import { writeGreeters } from "./greeter.ts";
import { measureIdle } from "./idle.ts";
import { measureStore } from "./store.ts";

const HOST = "bench.test";
const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 2 : 7;
const spaces = Number(process.argv.find((word) => word.startsWith("--spaces="))?.slice("--spaces=".length) ?? 200);

const folder = mkdtempSync(join(tmpdir(), "orrery-bench-hosting-"));
chmodSync(folder, 0o755); // PostgreSQL may run as another user.
writeGreeters(join(folder, "app"), ["greeter"]);
writeGreeters(join(folder, "pair"), ["one", "two"]);

async function hosting(): Promise<readonly string[]> {
  await using platform = await openPlatform(folder);
  const { type } = platform;
  await type("create", `${HOST}<Space>`);
  await type("run", "app", `--space=${HOST}`, "--name=app", "--wait");
  await type("auth", "grant", "x", "on", `${HOST}:app`, "to", "anyone");
  say("gateway beside the bare library");
  const gateway = await measureGateway(platform, { folder, host: HOST, rounds, seconds: isQuick ? 1 : 3 });
  say("run of an unchanged app beside a bare process");
  const first = await measureFirstCall(platform, { host: HOST, rounds });
  say(`two services in each of ${spaces} Spaces at rest`);
  const idle = await measureIdle(platform, {
    spaces: isQuick ? 3 : spaces,
    onSpace: (count) => count % 10 === 0 && say(`${count} Spaces`),
  });
  say(JSON.stringify({ gateway, first, idle }));
  return [
    "| what | bare | hosted | hosted to bare |",
    "| --- | ---: | ---: | ---: |",
    `| calls a second by the gateway to a process of an app and back; the same handler on Hono | ${gateway.bare.toFixed(0)} | ${gateway.gateway.toFixed(0)} | ${gateway.ratio.toFixed(2)} |`,
    `| \`orrery run\` of an app that is unchanged, to its first answer; start of a process that listens, to the same | ${first.bareMs.toFixed(0)} ms | ${first.runMs.toFixed(0)} ms | ${first.ratio.toFixed(2)} |`,
    "",
    "| services at rest | memory of its own, of each | the platform grows by, for each | processor time, of each |",
    "| ---: | ---: | ---: | ---: |",
    `| ${idle.services} in ${idle.spaces} Spaces | ${idle.ownMiB.toFixed(1)} MiB | ${idle.platformMiB.toFixed(2)} MiB | ${idle.cpuMs.toFixed(2)} ms a second |`,
  ];
}

async function stores(): Promise<readonly string[]> {
  await using postgres = await openManagedPostgres({ folder: join(folder, "store"), clock: createSystemClock() }).then(
    (database) => Object.assign(database, { [Symbol.asyncDispose]: () => database.close() }),
  );
  say("store beside SQL by hand");
  const results = await measureStore(postgres, { rounds, count: isQuick ? 500 : 3_000 });
  say(JSON.stringify(results));
  const rows = results.map(({ work, atOnce, hand, store, ratio }) =>
    [work, atOnce, hand.toFixed(0), store.toFixed(0), ratio.toFixed(2)].join(" | "),
  );
  return [
    "| store, PostgreSQL 18 | at once | by hand, a second | store, a second | ratio |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...rows.map((row) => `| ${row} |`),
  ];
}

const text = [...(await stores()), "", ...(await hosting()), "", describeMachine()].join("\n");
rmSync(folder, { recursive: true, force: true });
if (isQuick) process.stdout.write(`${text}\n`);
else writePage(text, HOSTING_PAGE);
process.exit(0);
