import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { buildScript } from "../testing/build-mechtron.ts";
import { makeHostProject } from "../testing/host-folder.ts";
import { type } from "../testing/memory-terminal.ts";
import { startRun } from "../testing/orrery.ts";

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
    const called = await type(["teller", "tell", "--output=json"], { cwd: made.cwd });
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
        teller: await context.call("test.teller", "tell", {}),
      }),
    },
  },
});
`;
const COUNTER = `import { defineMechtron } from "@orrery/guest";

export default defineMechtron({ services: { counter: { count: ({ text }: { text: string }) => ({ letters: text.length }) } } });
`;

const ASKER = `import { defineComponent, defineService, json } from "@orrery/core";
import { MessageService } from "@orrery/registry/service";

const Asker = defineService("test.asker", { ask: { request: json<{ to: string; method: string }>(), reply: json<object>() } });

export default defineComponent(Asker, () => ({
  ask: async ({ to, method }, context) =>
    ({ said: await context.client(MessageService).send({ address: to, method, message: { text: "four" } }) }),
}));
`;

const ADDER = `import { defineMechtron } from "@orrery/guest";

export default defineMechtron({
  services: {
    adder: {
      async add({ amount }: { amount: number }, { state }) {
        const sum = ((await state.get<number>("sum")) ?? 0) + amount;
        await state.set("sum", sum);
        return { sum };
      },
    },
  },
});
`;
const MECHTRONS = `components: { teller: src/teller.ts, asker: asker.ts }
mechtrons:
  pager: { path: pager.js, settings: { size: 7 }, methods: [page] }
  counter: { path: counter.js, methods: [count] }
  any: counter.js
  forgets: { path: forgets.js, methods: [add] }
  none: { path: none.js, methods: [add], stateful: true, persist: None }
  kept: { path: kept.js, methods: [add], stateful: true }
`;

async function projectOfMechtrons() {
  const made = project();
  await buildScript(join(made.cwd, "app/pager.js"), PAGER);
  await buildScript(join(made.cwd, "app/counter.js"), COUNTER);
  for (const name of ["forgets", "none", "kept"])
    await buildScript(join(made.cwd, `app/${name}.js`), ADDER.replace("adder:", `${name}:`));
  made.write("app/note.txt", "a note");
  made.write("app/asker.ts", ASKER);
  made.write("app/orrery.yaml", MECHTRONS);
  return made;
}

/** What a mechtron has of its app, and may ask. */
async function testPager(cwd: string): Promise<void> {
  const { exit, out, err } = await type(["pager", "page", "--output=json"], { cwd });
  const expected = {
    size: 7,
    file: "a note",
    counted: { letters: 4 },
    registry: "permission_denied",
    teller: { said: "nothing" },
  };
  assert.deepEqual(exit === 0 && JSON.parse(out), expected, err);
}

/** What a component can send to the mechtrons of its app. */
async function testAsker(cwd: string): Promise<void> {
  const ask = (address: string, method: string) =>
    type(["asker", "ask", `--to=${address}`, `--method=${method}`, "--output=json"], { cwd });
  for (const [address, method] of [
    ["counter", "count"],
    ["demo.test:app:counter", "counter/count"],
    ["any", "counter/count"],
  ] as const) {
    const { exit, out, err } = await ask(address, method);
    assert.deepEqual(exit === 0 && JSON.parse(out), { said: { letters: 4 } }, err);
  }
  assert.match((await ask("other", "count")).err, /app\.test:app:other.*there is no such resource/);
  assert.match((await ask("counter", "lose")).err, /the mechtron has no such method/);
}

async function sumsOf(cwd: string): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const name of ["forgets", "none", "kept", "forgets", "none", "kept"]) {
    const { exit, out, err } = await type([name, "add", "--amount=1", "--output=json"], { cwd });
    assert.equal(exit, 0, err);
    sums[name] = (JSON.parse(out) as { sum: number }).sum;
  }
  return sums;
}

for (const [mode, words, end, again] of [
  ["in one process", ["app", "--isolate=none"], "SIGKILL", 4],
  ["in processes of their own", ["app/orrery.yaml", "--isolate=process"], "SIGINT", 4],
  ["in a world under one clock", ["app/orrery.yaml", "--clock"], "SIGINT", 2],
] as const)
  it(`orrery run runs mechtrons of an orrery.yaml, which are sent to and remember, ${mode}`, async (t) => {
    using made = await projectOfMechtrons();
    const { cwd } = made;
    const start = async () => {
      const app = startRun(words, { cwd });
      t.after(() => void app.child.kill("SIGKILL"));
      await app.next("ready");
      return app;
    };
    const first = await start();
    await testPager(cwd);
    await testAsker(cwd);
    assert.deepEqual(await sumsOf(cwd), { forgets: 1, none: 2, kept: 2 });
    first.child.kill(end);
    await first.ended;
    const second = await start();
    assert.deepEqual(await sumsOf(cwd), { forgets: 1, none: 2, kept: again });
    second.child.kill("SIGINT");
    assert.equal((await second.ended).exit, 0);
  });

it("orrery run refuses several instances of a mechtron that remembers", async () => {
  using made = project();
  await buildScript(join(made.cwd, "app/kept.js"), ADDER);
  made.write("app/orrery.yaml", "mechtrons:\n  kept: { path: kept.js, methods: [add], stateful: true }\n");
  const { exit, err } = await type(["run", "app", "--instances=kept=2"], { cwd: made.cwd });
  assert.equal(exit, 2);
  assert.match(err, /Cannot run 2 instances of "kept"\n {2}it is a stateful mechtron, of which there is one/);
});

it("orrery run lets the environment and the flags of a command speak before an orrery.yaml", async (t) => {
  using made = project();
  const app = startRun(["app", "--instances=teller=1"], { cwd: made.cwd, env: { SAID: "that" } });
  t.after(() => void app.child.kill("SIGKILL"));
  assert.equal((await app.next("ready")).components[0]?.instances.length, 1);
  const called = await type(["teller", "tell", "--output=json"], { cwd: made.cwd });
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
