import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { createTableDirectory } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { OPERATE, OperateService } from "@orrery/mesh/operate";
import { installPackages } from "../testing/host-folder.ts";
import { type } from "../testing/memory-terminal.ts";
import { startRun } from "../testing/orrery.ts";
import { waitUntil } from "../testing/wait-until.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-dead-"));
after(() => rmSync(cwd, { recursive: true }));

/** A component that crashes on each message for as long as the file `mended` is not there. */
function component(name: string): string {
  return `import { appendFileSync, existsSync } from "node:fs";
import { defineComponent, defineService, json } from "@orrery/core";
const Own = defineService("${name}", { place: { request: json<{ item: string }>(), mode: "async", keep: true } });
export default defineComponent(Own, ({ crash }) => ({
  place({ item }, { attempt, agent }) {
    if (existsSync("mended")) return appendFileSync("placed", \`\${item} \${attempt} \${agent}\\n\`);
    crash(new Error("there is no table"));
    return new Promise(() => undefined);
  },
}));
`;
}

interface Dead {
  readonly id: string;
  readonly component: string;
  readonly body?: string;
}

const list = async (...words: string[]) =>
  JSON.parse((await type(["dead", "--output=json", ...words], { cwd })).out) as readonly Dead[];

it("orrery dead lists, shows, retries and drops what was given up, for operators alone, and a metric counts it", async (t) => {
  installPackages(cwd);
  writeFileSync(join(cwd, "package.json"), '{"type":"module"}');
  writeFileSync(join(cwd, "orders.ts"), component("orders"));
  writeFileSync(join(cwd, "bills.ts"), component("bills"));
  const app = startRun(["orders.ts", "bills.ts"], { cwd });
  t.after(() => app.child.kill("SIGKILL"));
  const { addresses } = (await app.next("ready")) as unknown as { addresses: readonly string[] };
  assert.equal((await type(["dead"], { cwd })).out, "No message was set aside\n");
  for (const [name, item] of [
    ["orders", "gear"],
    ["bills", "bolt"],
  ] as const) {
    const { exit, err } = await type([name, "place", `--item=${item}`, "--agent=ann"], { cwd });
    assert.equal(exit, 0, err);
  }
  await waitUntil(async () => (await list()).length === 2);

  const [order, ...others] = await list("orders");
  assert.deepEqual([order?.component, others], ["orders", []]);
  const id = order?.id ?? "";
  const listed = await type(["dead", "ls"], { cwd });
  assert.match(listed.out, /^ID +MESSAGE +AGENT +WHY$/m);
  assert.match(listed.out, /^\S+\/\d+ +orders\.place +ann +its handling was begun again 3 times and never ended$/m);
  const shown = await type(["dead", "show", id, "--output=json"], { cwd });
  assert.deepEqual(JSON.parse((JSON.parse(shown.out) as Dead).body ?? ""), { item: "gear" });
  assert.match((await type(["dead", "show", id], { cwd })).out, /^body +\{"item":"gear"\}$/m);
  const directory = createTableDirectory({ [OPERATE]: addresses });
  await using asker = await createMeshClient({ directory, agent: "operator" });
  assert.match((await asker.client(OperateService).metrics({})).text, /^orrery_dead_letters 2$/m);

  for (const words of [["ls"], ["show", id], ["retry", id], ["drop", id]]) {
    const refused = await type(["dead", ...words, "--agent=ada"], { cwd });
    assert.equal(refused.exit, 3, refused.err);
  }
  for (const [words, exit, why] of [
    [["retry"], 2, /name them by ID, or all of a component by --component=NAME/],
    [["drop", "gear"], 2, /Cannot read id "gear"/],
    [["show", id.replace(/\d+$/, "999")], 4, /none that is set aside has this number/],
  ] as const) {
    const wrong = await type(["dead", ...words], { cwd });
    assert.equal(wrong.exit, exit, wrong.err);
    assert.match(wrong.err, why);
  }
  const missing = await type(["dead", "drop", id.replace(/\d+$/, "999")], { cwd });
  assert.equal(missing.exit, 1);
  assert.match(missing.out, /Cannot drop dead message 999: those that are set aside are \d+, \d+/);

  writeFileSync(join(cwd, "mended"), "");
  assert.equal((await type(["dead", "retry", id], { cwd })).out, `${id}  retried\n`);
  await waitUntil(async () => (await list()).length === 1);
  await waitUntil(() => readFileSync(join(cwd, "placed"), "utf8") === "gear 1 ann\n");
  const dropped = await type(["dead", "drop", "--component=bills"], { cwd });
  assert.match(dropped.out, /^\S+\/\d+ {2}dropped\n$/);
  assert.deepEqual(await list(), []);
  assert.match((await asker.client(OperateService).metrics({})).text, /^orrery_dead_letters 0$/m);
  assert.equal(readFileSync(join(cwd, "placed"), "utf8"), "gear 1 ann\n");
  app.child.kill("SIGINT");
  assert.equal((await app.ended).exit, 0);
});
