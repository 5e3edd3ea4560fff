// npm run e2e [-- --engines=postgres,nats] [WORDS]: orrery up over a scratch folder, and the story of two tenants there.
import { ENGINES, type Engine, whyNot } from "./engines.ts";
import { runE2e } from "./run-e2e.ts";

const words = process.argv.slice(2);
const named = words.find((word) => word.startsWith("--engines="))?.slice("--engines=".length);
const engines = (named === undefined || named === "embedded" ? "" : named).split(",").filter((one) => one !== "");
const unknown = engines.find((one) => !(ENGINES as readonly string[]).includes(one));
if (unknown !== undefined) fail(`there is no engine "${unknown}", there are embedded, or ${ENGINES.join(" and ")}`);
for (const engine of engines as Engine[]) {
  const why = whyNot(engine);
  if (why !== undefined) fail(why);
}
const { exit, out } = await runE2e({
  engines: engines as Engine[],
  words: words.filter((word) => !word.startsWith("--engines=")),
  onSay: (text) => void process.stderr.write(text),
});
process.stdout.write(out);
process.exitCode = exit;

function fail(why: string): never {
  process.stderr.write(`Cannot run the story: ${why}\n`);
  process.exit(2);
}
