import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { defineService, json } from "@orrery/core";
import { loadApp } from "@orrery/platform/world";
import { createWorld } from "@orrery/sim";
import { buildScript } from "../testing/build-mechtron.ts";
import { curl } from "../testing/curl.ts";
import { makeHostProject } from "../testing/host-folder.ts";
import { type } from "../testing/memory-terminal.ts";
import { type Running, startRun } from "../testing/orrery.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

/** Numbers notes, has a mechtron show what it keeps, and may read a board. */
const TALLY = `import { defineComponent, defineService, json } from "@orrery/core";
import { MessageService, RegistryService } from "@orrery/registry/service";

const Tally = defineService("test.tally", {
  add: { request: json<{ name: string }>(), reply: json<object>() },
  back: { request: json<{ name: string }>(), reply: json<object>() },
  show: { request: json<{ name: string; board: string }>(), reply: json<object>() },
});

export default defineComponent(Tally, () => {
  let last = 0;
  return {
    add: (_request, { agent }) => ({ number: ++last, by: agent }),
    back: async ({ name }, context) => {
      const sent = context.client(MessageService).send({ address: "desk", method: "round", message: { name } });
      return (await sent.catch((error) => ({ code: error.code, why: error.message }))) as object;
    },
    show: async ({ name, board: address }, context) => {
      const shown = (await context.client(MessageService).send({ address: "desk", method: "show", message: { name } })) as object;
      const registry = context.client(RegistryService);
      const { resource } = await registry.get({ address });
      const change = await registry.change({ address, properties: { title: "Ours" } }).catch((error) => error.code);
      return { ...shown, title: resource?.properties?.["title"], change };
    },
  };
});
`;
const DESK = `import { defineMechtron, GuestError } from "@orrery/guest";

const codeOf = (error: unknown) => (error instanceof GuestError ? error.code : String(error));

export default defineMechtron({
  services: {
    desk: {
      async take({ name, text }: { name: string; text: string }, { call, resources }) {
        const told = await call<object>("test.tally", "add", { name });
        await resources.write(\`.:notes:/\${name}\`, new TextEncoder().encode(text), { contentType: "text/plain" });
        const { kind } = await resources.get(".:notes");
        return { ...told, kind };
      },
      show: async ({ name }: { name: string }, { resources }) => ({
        text: new TextDecoder().decode(await resources.read(\`.:notes:/\${name}\`)),
      }),
      round: (request: object, { call }) => call("test.tally", "back", request),
      other: async (_request: object, { resources }) => ({
        board: (await resources.get(".:board")).kind,
        write: await resources.set(".:board", { title: "Mine" }).catch(codeOf),
        rights: await resources.get(".:app-agents").catch(codeOf),
        none: await resources.get(".:none").catch(codeOf),
      }),
    },
  },
});
`;
const APP = `components: { tally: tally.ts }
mechtrons: { desk: { path: desk.js, methods: [take, show, round, other] } }
resources:
  .:notes: FileSystem
  .:board: { kind: Base, may: r, properties: { title: Board } }
routes:
  - { path: "/kept/{rest*}", files: ".:notes:/{rest}" }
`;

async function project() {
  const made = makeHostProject();
  made.write("package.json", '{"type":"module"}');
  made.write("app/tally.ts", TALLY);
  made.write("app/orrery.yaml", APP);
  await buildScript(join(made.cwd, "app/desk.js"), DESK);
  return made;
}

/** Calls a method, wherever the app is. */
type Call = (service: "tally" | "desk", method: string, message: Readonly<Record<string, string>>) => Promise<unknown>;

/** What holds of the app wherever it runs, under whichever address. */
async function testApp(call: Call, app: string): Promise<void> {
  const taken = await call("desk", "take", { name: "one", text: "hi" });
  assert.deepEqual(taken, { number: 1, by: `${app}:desk`, kind: "FileSystem" });
  const refused = "permission_denied";
  const board = app.replace(/:app$/, ":board");
  const shown = { text: "hi", title: "Board", change: refused };
  assert.deepEqual(await call("tally", "show", { name: "one", board }), shown);
  const others = { board: "Base", write: refused, rights: refused, none: refused };
  assert.deepEqual(await call("desk", "other", {}), others);
  const round = await call("desk", "round", { name: "one" });
  assert.equal((round as { code?: string }).code, "failed_precondition", JSON.stringify(round));
}

function callIn(cwd: string): Call {
  return async (service, method, message) => {
    const flags = Object.entries(message).map(([name, value]) => `--${name}=${value}`);
    const { exit, out, err } = await type([service, method, ...flags, "--output=json"], { cwd });
    assert.equal(exit, 0, err);
    return JSON.parse(out);
  };
}

async function end(app: Running): Promise<void> {
  app.child.kill("SIGINT");
  assert.equal((await app.ended).exit, 0);
}

for (const mode of ["none", "process"])
  test(`an app with resources runs under orrery run --isolate=${mode}, and finds them again`, async (t) => {
    using made = await project();
    const start = async () => {
      const app = startRun(["app", `--isolate=${mode}`, "--web-port=0"], { cwd: made.cwd });
      t.after(() => void app.child.kill("SIGKILL"));
      return { app, ready: await app.next("ready") };
    };
    const first = await start();
    const call = callIn(made.cwd);
    await testApp(call, "app.test:app");
    const kept = await curl(`${first.ready.web}/kept/one`, "app.test");
    assert.deepEqual([kept.status, kept.body], [200, "hi"]);
    const listed = await type(["ls", "app.test", `--to=${first.ready.resources}`], { cwd: made.cwd });
    assert.match(listed.out, /app\.test:notes<FileSystem>/, listed.err);
    await end(first.app);
    const next = await start();
    assert.deepEqual(await call("desk", "show", { name: "one" }), { text: "hi" });
    await end(next.app);
  });

test("an app with resources runs under orrery run --clock", async (t) => {
  using made = await project();
  const app = startRun(["app", "--clock"], { cwd: made.cwd });
  t.after(() => void app.child.kill("SIGKILL"));
  await app.next("ready");
  await testApp(callIn(made.cwd), "app.test:app");
  await end(app);
});

test("an app with resources runs in a world, the same from a seed, and keeps them over a crash of what keeps them", async () => {
  using made = await project();
  const app = await loadApp(join(made.cwd, "app"));
  const answer = { request: json<unknown>(), reply: json<unknown>() };
  const services = {
    tally: defineService("test.tally", { add: answer, back: answer, show: answer }),
    desk: defineService("desk", { take: answer, show: answer, round: answer, other: answer }),
  };
  const run = async () => {
    await using world = createWorld({ seed: 5, link: { latency: { kind: "uniform", minMs: 1, maxMs: 5 } } });
    app.placeIn(world);
    const visitor = world.node("visitor");
    await world.start();
    const call: Call = (service, method, message) => {
      const client = visitor.life.client(services[service]) as Readonly<
        Record<string, (said: unknown) => Promise<unknown>>
      >;
      return world.settle(client[method]?.(message) ?? Promise.reject(new Error(`there is no ${method}`)));
    };
    await testApp(call, "app.test:app");
    await world.settle(world.nodes.get("orrery.platform")?.restart() ?? Promise.reject(new Error("it is gone")));
    await world.run({ forMs: 1_000 }); // So that its callers have noticed.
    assert.deepEqual(await call("desk", "show", { name: "one" }), { text: "hi" });
    return world.trace.hash;
  };
  assert.equal(await run(), await run());
});

/** A platform of the tests that need one. */
async function platform(cwd: string) {
  const up = await openTestUp({ cwd });
  await up.done("create 'demo.test<Space>'");
  await up.done("publish app demo.test:src:1.0.0");
  return up;
}

async function statusOf(up: TestUp, isThere: (state: string) => boolean) {
  for (;;) {
    const { status } = JSON.parse(await up.done("get demo.test:app --output=json"));
    if (isThere(status.state)) return status;
    await setImmediate();
  }
}

test("an app is told what it needs and cannot have, by orrery run and by orrery up", async () => {
  using made = await project();
  made.write("app/orrery.yaml", APP.replace(".:notes: FileSystem", ".:notes: Lamp"));
  const { exit, err } = await type(["run", "app", "--no-listen"], { cwd: made.cwd });
  assert.equal(exit, 1);
  assert.match(err, /what it needs cannot be made: .*"Lamp"/);
  made.write("app/orrery.yaml", APP);
  await using up = await platform(made.cwd);
  await up.done("create 'demo.test:notes<Base>'");
  await up.done("create 'demo.test:app<App>{ +config=demo.test:src:1.0.0:/orrery.yaml }'");
  const { reason } = await statusOf(up, (state) => state === "Panic");
  assert.match(
    reason,
    /needs demo\.test:notes as FileSystem, and there is a Base: remove that, or name another address/,
  );
  await up.done("rm demo.test:notes");
  await statusOf(up, (state) => state === "Ready");
});

test("an app with resources runs under orrery up, which keeps them when it goes", async () => {
  using made = await project();
  await using up = await platform(made.cwd);
  await up.done("create 'demo.test:app<App>{ +config=demo.test:src:1.0.0:/orrery.yaml }'");
  await statusOf(up, (state) => state === "Ready");
  const call: Call = async (service, method, message) => {
    const to = service === "desk" ? `demo.test:app:desk ${method}` : `demo.test:app test.tally/${method}`;
    return JSON.parse(await up.done(`send ${to} '${JSON.stringify(message)}'`));
  };
  await testApp(call, "demo.test:app");
  await up.done("auth grant read on 'demo.test:notes:**' to anyone");
  const kept = await curl(`${up.web}/kept/one`, "demo.test");
  assert.deepEqual([kept.status, kept.body], [200, "hi"]);
  await up.done("rm demo.test:app");
  while ((await up.orrery("get demo.test:app-agents")).exit !== 4) await setImmediate();
  assert.equal((await up.orrery("get demo.test:app-uses-notes")).exit, 4);
  assert.match(await up.done("ls demo.test"), /demo\.test:notes/);
});
