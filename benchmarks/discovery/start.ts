// npm run bench:discovery: measures discovery and writes the tables of docs/reference/discovery.md. `-- --quick` measures little, and prints.
import { DISCOVERY_PAGE, writePage } from "../lib/document.ts";
import { measureTelemetry, TELEMETRY_CARRIERS, type TelemetryCost } from "../lib/telemetry-cost.ts";
import { type CallCost, measureCalls } from "./calls.ts";
import { measureDecision, measureMemory } from "./decisions.ts";
import { measureJoins } from "./joins.ts";
import { describeAll } from "./report.ts";
import { type Detection, measureDetection, measureTraffic, type Traffic } from "./worlds.ts";

const isQuick = process.argv.includes("--quick");
const sizes = isQuick ? [10, 50] : [10, 50, 100, 200, 500];
const kills = isQuick ? 3 : 100;

const memoryBytes = measureMemory();
const decisions = [1, 10, 100, 1000].map((places) => ({ places, ...measureDecision(places) }));
const joins = {
  orrery: await measureJoins("orrery", isQuick ? 2 : 11),
  moleculer: await measureJoins("moleculer", isQuick ? 1 : 5),
};
const calls: CallCost[] = [];
for (const places of [1, 4])
  for (const lanes of [1, 64]) calls.push(await measureCalls(places, lanes, isQuick ? 3 : 15));
const telemetry: TelemetryCost[] = [];
for (const carrier of TELEMETRY_CARRIERS)
  telemetry.push(await (isQuick ? measureTelemetry(carrier, 3, 1) : measureTelemetry(carrier, 20)));
const traffic: Traffic[] = [];
for (const nodes of sizes) traffic.push(await measureTraffic(nodes));
const detections: Detection[] = [];
for (const nodes of isQuick ? [10] : [10, 50])
  for (const death of ["process", "host"] as const)
    for (const loss of [0, 0.01, 0.1]) detections.push(await measureDetection({ nodes, loss, death, kills }));

const text = describeAll({ traffic, detections, decisions, memoryBytes, joins, calls, telemetry });
if (isQuick) process.stdout.write(`${text}\n`);
else writePage(text, DISCOVERY_PAGE);
