import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { buildScript } from "../testing/build-mechtron.ts";
import { curl } from "../testing/curl.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

/** Sends what it is told to; one message at a time. */
const ASKER = `import { defineComponent, defineService, json } from "@orrery/core";
import { MessageService } from "@orrery/registry/service";

const Asker = defineService("test.asker", {
  ask: { request: json<{ address: string; method: string; message?: unknown }>(), reply: json<object>() },
});

export default defineComponent(Asker, () => ({
  ask: async (request, context) => ({ said: await context.client(MessageService).send(request) }),
}));
`;
const OTHER = `import { defineComponent, defineService, json } from "@orrery/core";

const Other = defineService("test.other", { hello: { request: json<object>(), reply: json<object>() } });

export default defineComponent(Other, () => ({ hello: (_request, { agent }) => ({ to: agent }) }));
`;

/** Says who asks, calls back, and replies what is no JSON. */
const MECHTRON = `
import { defineMechtron } from "@orrery/guest";
export default defineMechtron({
  services: {
    main: {
      who: ({ text }: { text?: string }, { agent }) => ({ agent, text }),
      hello: (_request, { call }) => call("test.other", "hello", {}),
      again: (_request, { call }) => call("test.asker", "ask", { address: "demo.test:app:other", method: "hello" }),
    },
  },
  http: async (_request, { call }) => ({ body: await call("test.asker", "ask", { address: "main", method: "who" }) }),
});
`;
const APP = `components: { asker: asker.ts, other: other.ts }
mechtrons: { main: main.js }
routes:
  - { path: /round, mechtron: main }
`;

const cwd = mkdtempSync(join(tmpdir(), "orrery-sends-"));
let up: TestUp;
before(async () => {
  up = await openTestUp({ cwd });
  const src = join(cwd, "src");
  mkdirSync(src);
  writeFileSync(join(src, "asker.ts"), ASKER);
  writeFileSync(join(src, "other.ts"), OTHER);
  await buildScript(join(src, "main.js"), MECHTRON);
  writeFileSync(join(src, "orrery.yaml"), APP);
  await up.done("create 'demo.test<Space>'");
  await up.done("create 'demo.test:news<Broadcast>'");
  await up.done("create 'demo.test:base<Base>'");
  await up.done("publish src demo.test:src:1.0.0");
  for (const name of ["app", "theirs"])
    await up.done(`create 'demo.test:${name}<App>{ +config=demo.test:src:1.0.0:/orrery.yaml }'`);
  await up.done("auth grant execute on 'demo.test:app:main' to anyone");
  for (const name of ["app", "theirs"]) await ready(`demo.test:${name}`);
});
after(async () => {
  await up?.[Symbol.asyncDispose]();
  rmSync(cwd, { recursive: true, force: true });
});

async function ready(app: string): Promise<void> {
  for (const lastMs = performance.now() + 60_000; ; await setImmediate()) {
    const { status } = JSON.parse(await up.done(`get ${app} --output=json`)) as { status: Record<string, string> };
    assert.notEqual(status["state"], "Panic", status["reason"] ?? "");
    if (status["state"] === "Ready" && status["reason"] === undefined) return;
    assert.ok(performance.now() < lastMs);
  }
}

const grant = (name: string, verbs: string, on: string) =>
  up.done(`create 'demo.test:${name}<Grant>{ +to=demo.test:app, +verbs=${verbs}, +on=${on} }'`);

/** Has the component of the app send; gives what it was replied, or what was wrong. */
async function ask(address: string, method: string, message: unknown = {}): Promise<unknown> {
  const said = JSON.stringify({ address, method, message });
  const { exit, out, err } = await up.orrery(`send demo.test:app test.asker/ask '${said}'`);
  return exit === 0 ? (JSON.parse(out) as { said: unknown }).said : err;
}

describe("a component of an app", () => {
  for (const [name, address, method] of [
    ["by its name", "main", "who"],
    ["by its address", "demo.test:app:main", "main/who"],
    ["by where it lies beside", ".:app:main", "who"],
  ] as const)
    it(`sends to a mechtron of its own ${name}, in the name of the app`, async () => {
      assert.deepEqual(await ask(address, method, { text: "hi" }), { agent: "demo.test:app", text: "hi" });
    });

  it("sends to a mechtron and an app of others where that was granted", async () => {
    for (const [address, method, wanted] of [
      ["demo.test:theirs:main", "who", { agent: "demo.test:app" }],
      ["demo.test:theirs", "test.other/hello", { to: "demo.test:app" }],
    ] as const) {
      assert.match(
        String(await ask(address, method)),
        new RegExp(`Cannot send "${method}" to "${address}" as "demo.test:app"\\n +no rule lets demo.test:app execute`),
      );
      await grant(`sends-${address.length}`, "x", address);
      assert.deepEqual(await ask(address, method), wanted);
    }
  });

  it("sends to a broadcast, and to a component of its own", async () => {
    await grant("says", "x", "demo.test:news");
    assert.deepEqual(await ask("demo.test:news", "Say", { n: 1 }), { watchers: 0, relayed: 0, missed: 0 });
    assert.deepEqual(await ask("demo.test:app", "test.other/hello"), { to: "demo.test:app" });
  });

  it("is told what takes no messages, what is not there, and what a mechtron declares", async () => {
    await grant("all", "rx", "demo.test:**");
    for (const [address, method, why] of [
      ["demo.test:base", "hello", /it is a Base, apps send to an App, a Broadcast or a Mechtron/],
      ["demo.test:none", "hello", /Cannot read "demo\.test:none"\n +there is no such resource/],
      ["none", "who", /Cannot read "demo\.test:app:none"\n +there is no such resource/],
      ["main", "nothing", /Cannot answer "main\.nothing"/],
      ["demo.test:app", "test.none/hello", /the app has no service "test\.none"/],
      ["demo.test:app", "hello", /name a method of a component, as in demo\.greeter\/greet/],
    ] as const)
      assert.match(String(await ask(address, method)), why, `${address} ${method}`);
  });

  it("reaches another component by way of a mechtron, and is told of a cycle where that calls it, or a mechtron that waits", async () => {
    assert.deepEqual(await ask("main", "hello"), { to: "demo.test:app:main" });
    assert.match(
      String(await ask("main", "again")),
      /Cannot call "test\.asker\.ask"\n +the call comes back to an instance that waits for it/,
    );
    const { status, body } = await curl(`${up.web}/round`, "demo.test");
    const said = JSON.parse(Buffer.from(body, "latin1").toString()) as { code: string; message: string };
    assert.deepEqual([status, said.code], [400, "failed_precondition"], body);
    assert.match(said.message, /it waits for this very call, demo\.test:app:main → demo\.test:app:main/);
    assert.deepEqual(await ask("main", "who"), { agent: "demo.test:app" });
  });
});
