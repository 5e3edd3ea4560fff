// npm run test:failover -- --hosts 3 --kill primary: the tests in which hosts of a stateful mechtron are lost, on so many hosts, and with seeds
// without end where --runs says how many.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    hosts: { type: "string", default: "3" },
    kill: { type: "string", default: "primary" },
    runs: { type: "string" },
  },
});
const { hosts, kill, runs } = values;
if (hosts !== "3" && hosts !== "5") refuse("--hosts", hosts, "write 3 or 5");
if (kill !== "primary" && kill !== "other") refuse("--kill", kill, "write primary or other");
if (runs !== undefined && !/^[1-9]\d{0,6}$/.test(runs)) refuse("--runs", runs, "write a number of seeds");

const env = {
  ORRERY_FAILOVER_HOSTS: hosts,
  ORRERY_FAILOVER_KILL: kill,
  ...(runs !== undefined && { ORRERY_RUNS: runs }),
};
const files = [
  "hosts/failover.test.ts",
  ...(runs === undefined ? [] : ["../packages/platform/src/stateful/failover.test.ts"]),
];
const { status } = spawnSync(process.execPath, ["--conditions=source", "--test", ...files], {
  stdio: "inherit",
  env: { ...process.env, ...env },
});
process.exitCode = status ?? 1;

function refuse(flag: string, value: string, what: string): never {
  console.error(`Cannot test failover with ${flag} "${value}": ${what}`);
  process.exit(2);
}
