// node --conditions=source benchmarks/programs/telemetry.ts [--rounds=20]: prints what telemetry costs a call in CPU time.
import { measureTelemetry, TELEMETRY_CARRIERS, TELEMETRY_KINDS } from "../lib/telemetry-cost.ts";

const ROUNDS_DEFAULT = 20;

const words = process.argv.slice(2);
const rounds = Number(words.find((word) => word.startsWith("--rounds="))?.slice(9) ?? ROUNDS_DEFAULT);
for (const carrier of TELEMETRY_CARRIERS) {
  const { plainMicros, shares } = await measureTelemetry(carrier, rounds);
  console.log(`${carrier}: ${plainMicros.toFixed(2)} µs of CPU a call without telemetry, both sides`);
  for (const [index, { title }] of TELEMETRY_KINDS.entries())
    console.log(`  ${title.padEnd(40)} ${shares[index]?.toFixed(3)}`);
}
