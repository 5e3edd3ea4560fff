import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { buildScript } from "../testing/build-mechtron.ts";
import { makeHostProject } from "../testing/host-folder.ts";
import { type } from "../testing/memory-terminal.ts";
import { orrery, startRun } from "../testing/orrery.ts";

const TELLER = `import { defineComponent, defineService, json } from "@orrery/core";

const Teller = defineService("test.teller", { tell: { request: json<{}>(), reply: json<{ said: string }>() } });

export default defineComponent(Teller, () => ({ tell: () => ({ said: process.env.SAID ?? "nothing" }) }));
`;
const APP = "components:\n  teller: { path: src/teller.ts, instances: 2 }\nenv: { SAID: this }\n";

function project() {
  const made = makeHostProject();
  made.write("package.json", '{"type":"module"}');
  made.write("app/src/teller.ts", TELLER);
  made.write("app/orrery.yaml", APP);
  return made;
}

for (const [mode, words] of Object.entries({
  "in one process": ["app", "--isolate=none"],
  "in processes of their own": ["app/orrery.yaml", "--isolate=process"],
  "in threads": ["app", "--isolate=thread"],
  "in a world under one clock": ["app/orrery.yaml", "--clock"],
}))
  it(`orrery run runs what an orrery.yaml says, ${mode}`, async (t) => {
    using made = project();
    const app = startRun(words, { cwd: made.cwd });
    t.after(() => void app.child.kill("SIGKILL"));
    const { components } = await app.next("ready");
    if (mode !== "in a world under one clock") assert.equal(components[0]?.instances.length, 2);
    const called = await orrery(["teller", "tell", "--output=json"], { cwd: made.cwd });
    assert.deepEqual(JSON.parse(called.out), { said: "this" }, called.err);
    app.child.kill("SIGINT");
    assert.equal((await app.ended).exit, 0);
  });

const PAGER = `import { defineMechtron } from "@orrery/guest";

export default defineMechtron({
  services: {
    pager: {
      page: async (_request, context) => ({
        size: (await context.config<{ size: number }>()).size,
        file: new TextDecoder().decode(await context.artifact("note.txt")),
        counted: await context.call("counter/counter", "count", { text: "four" }),
        registry: await context.resources.get("demo.test").catch((error) => error.code),
      }),
    },
  },
});
`;
const COUNTER = `import { defineMechtron } from "@orrery/guest";

export default defineMechtron({ services: { counter: { count: ({ text }: { text: string }) => ({ letters: text.length }) } } });
`;
const MECHTRONS = `mechtrons:
  pager: { path: pager.js, settings: { size: 7 }, methods: [page] }
  counter: { path: counter.js, methods: [count] }
`;

for (const [mode, words] of Object.entries({
  "in one process": ["app", "--isolate=none"],
  "in processes of their own": ["app/orrery.yaml", "--isolate=process"],
  "in a world under one clock": ["app/orrery.yaml", "--clock"],
}))
  it(`orrery run runs the mechtrons of an orrery.yaml, ${mode}`, async (t) => {
    using made = project();
    await buildScript(join(made.cwd, "app/pager.js"), PAGER);
    await buildScript(join(made.cwd, "app/counter.js"), COUNTER);
    made.write("app/note.txt", "a note");
    made.write("app/orrery.yaml", MECHTRONS);
    const app = startRun(words, { cwd: made.cwd });
    t.after(() => void app.child.kill("SIGKILL"));
    await app.next("ready");
    const called = await orrery(["pager", "page", "--output=json"], { cwd: made.cwd });
    const expected = { size: 7, file: "a note", counted: { letters: 4 }, registry: "not_found" };
    assert.deepEqual(called.exit === 0 && JSON.parse(called.out), expected, called.err);
    app.child.kill("SIGINT");
    assert.equal((await app.ended).exit, 0);
  });

it("orrery run lets the environment and the flags of a command speak before an orrery.yaml", async (t) => {
  using made = project();
  const app = startRun(["app", "--instances=teller=1"], { cwd: made.cwd, env: { SAID: "that" } });
  t.after(() => void app.child.kill("SIGKILL"));
  assert.equal((await app.next("ready")).components[0]?.instances.length, 1);
  const called = await orrery(["teller", "tell", "--output=json"], { cwd: made.cwd });
  assert.deepEqual(JSON.parse(called.out), { said: "that" });
  app.child.kill("SIGINT");
  await app.ended;
});

it("orrery run says what is wrong in an orrery.yaml, and which secret is missing", async () => {
  using made = project();
  made.write("app/orrery.yaml", "components:\n  teller: { paht: src/teller.ts }\n");
  const wrong = await type(["run", "app"], { cwd: made.cwd });
  assert.equal(wrong.exit, 1);
  assert.match(wrong.err, /app\/orrery\.yaml:2:13: there is no "components\.teller\.paht": did you mean "path"\?/);
  made.write("app/orrery.yaml", `${APP}secrets: { API_KEY: api-key }\n`);
  const secret = await type(["run", "app"], { cwd: made.cwd });
  assert.match(secret.err, /its secret API_KEY is missing, set it in the environment/);
  made.write("app/orrery.yaml", "env: {}\n");
  assert.match((await type(["run", "app"], { cwd: made.cwd })).err, /it names no components/);
});
