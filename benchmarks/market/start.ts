// npm run bench:market: measures deploys beside a bare process, metering and vouchers beside the bare libraries, and writes the tables of docs/reference/market.md. `-- --quick` measures little, and prints.
import { createSystemClock } from "@orrery/core";
import { MARKET_PAGE, writePage } from "../lib/document.ts";
import { describeMachine } from "../lib/machine.ts";
import { say } from "../lib/main.ts";
import { median } from "../lib/statistics.ts";
import { measureDeploy } from "./deploy.ts";
import { openMetering } from "./metering.ts";
import { openVouchers } from "./vouchers.ts";

const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 2 : 9;
const clock = createSystemClock();

/** Units of work a second of the machine. */
async function rateOf(work: () => Promise<number>): Promise<number> {
  const beganMs = clock.monotonic();
  const done = await work();
  return (1_000 * done) / (clock.monotonic() - beganMs);
}

/** Processor time of one unit of work, in µs. */
async function costOf(work: () => Promise<number>): Promise<number> {
  const before = process.cpuUsage();
  const done = await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / done;
}

/** Measures several ways to do the same, in turns. */
async function compare<Way extends string>(
  ways: Readonly<Record<Way, () => Promise<number>>>,
  measure: (work: () => Promise<number>) => Promise<number>,
): Promise<Readonly<Record<Way, readonly number[]>>> {
  const names = Object.keys(ways) as Way[];
  const found = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Way, number[]>;
  for (const name of names) await ways[name](); // Once for nothing: code that is new is slow.
  for (let round = 0; round < rounds; round++) {
    say(`${names.join(" and ")}, round ${round + 1} of ${rounds}`);
    for (const name of round % 2 === 0 ? names : names.toReversed()) found[name].push(await measure(ways[name]));
  }
  return found;
}

const metering = await openMetering(isQuick ? 100 : 1_000);
const looks = await compare({ metered: metering.look, bare: metering.write }, costOf);
await metering.close();
const verified = await compare(await openVouchers(isQuick ? 40 : 200), rateOf);

say("deploys and bare starts, in turn");
const deploys = await measureDeploy(isQuick ? 2 : 9);

const ratioOf = (one: readonly number[], other: readonly number[]) =>
  median(one.map((value, round) => value / (other[round] ?? 1))).toFixed(2);
const perSecond = (costs: readonly number[]) => `${(median(costs) / metering.periodS).toFixed(1)} µs`;
const text = [
  "| a small pod, to its first answer | bare: its process, started by hand | `orrery pod deploy` | ratio |",
  "| --- | ---: | ---: | ---: |",
  ...deploys.pods.map(
    ({ cpu, deployMs, ratio }) =>
      `| a quote, evidence, the deposit on the chain, keys, and the start, of one with \`cpu: ${cpu}\` | ${deploys.bareMs.toFixed(0)} ms | ${deployMs.toFixed(0)} ms | ${ratio.toFixed(1)} |`,
  ),
  "",
  "| metering | pods | bare: the same lines appended and synced | metered | ratio |",
  "| --- | ---: | ---: | ---: | ---: |",
  `| processor time for a pod and second, a look each ${metering.periodS} s | ${metering.pods} | ${perSecond(looks.bare)} | ${perSecond(looks.metered)} | ${ratioOf(looks.metered, looks.bare)} |`,
  "",
  "| vouchers verified | bare, a second | taken, a second | ratio |",
  "| --- | ---: | ---: | ---: |",
  `| beside viem: the signer of typed data | ${median(verified.typed).toFixed(0)} | ${median(verified.taken).toFixed(0)} | ${ratioOf(verified.taken, verified.typed)} |`,
  `| beside the curve alone: the signer of a digest | ${median(verified.curve).toFixed(0)} | ${median(verified.taken).toFixed(0)} | ${ratioOf(verified.taken, verified.curve)} |`,
  "",
  describeMachine(),
].join("\n");
if (isQuick) process.stdout.write(`${text}\n`);
else writePage(text, MARKET_PAGE);
process.exit(0);
