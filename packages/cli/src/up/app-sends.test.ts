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
  die: { request: json<object>(), reply: json<object>() },
});

export default defineComponent(Asker, () => ({
  ask: async (request, context) => ({ said: await context.client(MessageService).send(request) }),
  die: () => process.exit(3),
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
      who: ({ text }: { text?: string }, { agent, log }) => {
        log.warn("somebody asked who it is " + text);
        return { agent, text };
      },
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
  - { path: /hello, service: test.other/hello }
  - { path: "/{rest*}", files: "/html/{rest}" }
`;
/** What waits for two things. */
const NEEDY = `components: { other: { path: other.ts, instances: 2 } }
requires: [.:shelf, .:base, .:desk]
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
  writeFileSync(join(src, "needy.yaml"), NEEDY);
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

  it("has what its mechtrons log in the log of its app, and of no other", async () => {
    await ask("main", "who", { text: "and why" });
    const lines = (app: string) => up.done(`logs ${app} -n all --stream=mechtron`);
    assert.match(
      await lines("demo.test:app"),
      / main: WARN somebody asked who it is and why method=main.who flow=\S+\n/,
    );
    assert.doesNotMatch(await lines("demo.test:theirs"), /and why/);
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

describe("orrery status", () => {
  const ROUTES = (port: string) => `
MECHTRON  STATE  REASON
main      Ready

ROUTE                          METHODS  TO
http://demo.test:${port}/round     all      mechtron main
http://demo.test:${port}/hello     POST     service test.other/hello
http://demo.test:${port}/{rest*}   GET      files /html/{rest}
`;

  it("says of an app what runs of it, and what it answers to", async () => {
    const { port } = new URL(up.web);
    const text = await up.done("status demo.test:theirs");
    const head = `Ready
runs demo.test:src:1.0.0:/orrery.yaml

COMPONENT  RUNNING  RESTARTS  LAST END
asker      1 of 1          0
other      1 of 1          0
`;
    assert.equal(text.replaceAll(/ {2,}/g, "  "), `${head}${ROUTES(port)}`.replaceAll(/ {2,}/g, "  "));
  });

  it("says how often a component was started again, and how the last one ended", async () => {
    await up.orrery("send demo.test:theirs test.asker/die");
    const isBack = (text: string) => /"running":1,"restarts":1/.test(text);
    const facts = JSON.parse(await statusOf("demo.test:theirs --output=json", isBack)) as AppFacts;
    const [asker, other] = facts.components;
    assert.deepEqual([asker?.wanted, asker?.restarts, asker?.lastEnd?.text], [1, 1, "it exited with code 3"]);
    assert.deepEqual(asker?.instances, [{ name: "asker-0", state: "ready", restarts: 1 }]);
    assert.deepEqual([other?.restarts, other?.lastEnd], [0, undefined]);
    assert.deepEqual(facts.mechtrons, [{ name: "main", state: "Ready" }]);
    assert.match(await up.done("status demo.test:theirs"), /asker +1 of 1 +1 {2}.* ago: it exited with code 3\n/);
  });

  it("says what an app waits for, and of all apps how they are", async () => {
    await up.done("create 'demo.test:needy<App>{ +config=demo.test:src:1.0.0:/needy.yaml }'");
    const why = "it needs demo.test:shelf, which is not there, and demo.test:desk, which is not there";
    const waiting = `Creating: ${why}

WAITS FOR        STATE
demo.test:shelf  not there
demo.test:desk   not there
`;
    await statusOf("demo.test:needy", (text) => text === waiting);
    const all = JSON.parse(await up.done("status --output=json")) as { address: string; reason?: string }[];
    assert.deepEqual(
      all.map(({ address, reason }) => [address, reason]),
      [
        ["demo.test:app", undefined],
        ["demo.test:needy", why],
        ["demo.test:theirs", undefined],
      ],
    );
    for (const name of ["shelf", "desk"]) await up.done(`create 'demo.test:${name}<FileSystem>'`);
    await ready("demo.test:needy");
    await statusOf("demo.test:needy", (text) => text.includes("\nother      2 of 2 "));
    assert.match(await up.done("status"), /^demo\.test:needy +1\.0\.0 +running +\d\S* \w+ ago +operator$/m);
  });

  it("says it to nobody who may not read the app", async () => {
    const { exit, err } = await up.orrery("status demo.test:app --agent=ann");
    assert.deepEqual([exit, /no rule lets ann read demo\.test:app/.test(err)], [3, true], err);
    const url = `${up.http}/orrery.apps.v1.AppsService/GetApp`;
    const body = ["-d", '{"address":"demo.test:app"}', "-H", "Content-Type: application/json"];
    assert.equal((await curl(url, new URL(up.http).host, body)).status, 403);
  });
});

/** Types `orrery status` until it prints what is waited for. */
async function statusOf(words: string, is: (text: string) => boolean): Promise<string> {
  for (const lastMs = performance.now() + 60_000; ; await setImmediate()) {
    const text = await up.done(`status ${words}`);
    if (is(text)) return text;
    assert.ok(performance.now() < lastMs, text);
  }
}

/** How an app stands, as `orrery status` tells it. */
interface AppFacts {
  readonly components: readonly {
    readonly wanted: number;
    readonly running: number;
    readonly restarts: number;
    readonly lastEnd?: { readonly text: string };
    readonly instances: readonly object[];
  }[];
  readonly mechtrons: readonly object[];
}
