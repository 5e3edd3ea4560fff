import assert from "node:assert/strict";
import { it } from "node:test";
import { makeHostProject } from "../testing/host-folder.ts";
import { orrery, startRun } from "../testing/orrery.ts";

const TELLER = `import { defineComponent, defineService, json } from "@orrery/core";

const Teller = defineService("teller", { tell: { request: json<{ n: number }>(), reply: json<{ n: number }>() } });

export default defineComponent(Teller, () => ({
  tell: ({ n }, context) => {
    context.log.info("told", { n });
    return { n };
  },
}));
`;

it("orrery run is the same in every mode: the same command, the same call, and log lines of one shape", async (t) => {
  const shapes: Record<string, unknown> = {};
  for (const mode of ["--isolate=none", "--isolate=process", "--isolate=thread", "--clock"]) {
    using project = makeHostProject();
    const { cwd } = project;
    project.write("package.json", '{"type":"module"}');
    project.write("teller.ts", TELLER);
    const app = startRun(["teller.ts", "--log=json", mode], { cwd });
    t.after(() => void app.child.kill("SIGKILL"));
    await app.next("ready");
    const called = await orrery(["teller", "tell", "--n=7", "--output=json"], { cwd });
    assert.deepEqual(JSON.parse(called.out), { n: 7 }, called.err);
    app.child.kill("SIGINT");
    const { exit, err } = await app.ended;
    assert.equal(exit, 0, err);
    const lines = err.split("\n").filter((line) => line.startsWith("{"));
    const line = lines.map((text) => JSON.parse(text) as Record<string, unknown>).find((one) => one["text"] === "told");
    shapes[mode] = line && Object.entries(line).map(([key, value]) => `${key}: ${typeof value}`);
  }
  assert.ok(shapes["--isolate=none"] !== undefined);
  assert.deepEqual(shapes["--isolate=process"], shapes["--isolate=none"]);
  assert.deepEqual(shapes["--isolate=thread"], shapes["--isolate=none"]);
  assert.deepEqual(shapes["--clock"], shapes["--isolate=none"]);
});
