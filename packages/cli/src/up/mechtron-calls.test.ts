import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { buildModule, buildScript } from "../testing/build-mechtron.ts";
import { type Curled, curl } from "../testing/curl.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

/** Does what its path says, with what stands behind the `?`; what fails is answered as it fails. */
const A = `
import { defineMechtron } from "@orrery/guest";
export default defineMechtron({
  services: {
    a: {
      back: (_request, context) => ({ caller: context.agent }),
      round: (_request, context) => context.call("b/b", "back"),
      read: ({ address }: { address: string }, { resources }) => resources.get(address).then(({ status }) => ({ state: status })),
    },
  },
  async http({ path, query }, context) {
    const { resources } = context;
    switch (path) {
      case "/make":
        await resources.write("demo.test:uploads:/d/" + query + ".txt", "made " + query);
        return { status: 201, body: "made" };
      case "/create":
        return { status: 201, body: await resources.create({ address: query, kind: "Base", properties: { title: "mine" } }) };
      case "/ensure":
        return { body: await resources.create({ address: query, kind: "Base", ensure: true }) };
      case "/set":
        return { body: await resources.set(query, { title: "theirs" }) };
      case "/delete":
        await resources.delete(query);
        return { status: 204 };
      case "/bundle":
        return { body: await resources.create({ address: query, kind: "Bundle" }) };
      case "/get":
        return { body: await resources.get(query) };
      case "/list":
        return { body: (await resources.list(query)).map(({ address }) => address) };
      case "/read":
        return { contentType: "text/plain", body: await resources.read(query) };
      case "/artifact":
        return { contentType: "text/plain", body: await context.artifact(query) };
      case "/hops": {
        let hops = 0;
        for (let left = Number(query); left > 0; left--) hops = (await context.call<{ hops: number }>("b/b", "hop", { hops })).hops;
        return { body: String(hops) };
      }
      case "/round":
        return { body: await context.call("b/b", "back") };
      case "/slow":
        return { body: await context.call("b/b", "nap") };
      case "/other":
        return { body: await context.call("demo.test:other:c/c", "hello") };
      case "/none":
        return { body: await context.call("nobody", "hello") };
      case "/forge":
        return { body: await context.call("keeper/orrery.watch", "changed", {}) };
      case "/module":
        return { body: new TextDecoder().decode(await context.call<Uint8Array>("m/any", "said", new TextEncoder().encode(query))) };
    }
  },
});
`;

const B = `
import { defineMechtron } from "@orrery/guest";
export default defineMechtron({
  services: {
    b: {
      hop: ({ hops }: { hops: number }) => ({ hops: hops + 1 }),
      back: (_request, context) => context.call("demo.test:app:a/a", "back"),
      nap: (_request, context) => context.sleep(60_000),
    },
    c: { hello: (_request, context) => ({ caller: context.agent }) },
  },
});
`;

/** In AssemblyScript: says who said what. */
const M = `
import { Reply, Request, serve } from "@orrery/guest/assembly";
export { orrery_abi, orrery_alloc, orrery_free } from "@orrery/guest/assembly";
export function orrery_handle(pointer: usize, length: i32): u64 {
  return serve(pointer, length, (request: Request): Reply => {
    const said = request.service + "." + request.method + " " + String.UTF8.decode(request.body.buffer.slice(request.body.byteOffset, request.body.byteOffset + request.body.byteLength));
    return Reply.of(Uint8Array.wrap(String.UTF8.encode(said + " by " + request.agent)));
  });
}
`;

/** Writes down what it is told, and is busy for a while where it is asked to. */
const KEEPER = `
import { defineMechtron } from "@orrery/guest";
const DIARY = "demo.test:diary:/seen.txt";
const read = async (resources) => new TextDecoder().decode(await resources.read(DIARY).catch(() => new Uint8Array(0)));
export default defineMechtron({
  async http({ path, query }, { resources, sleep, log }) {
    if (path === "/keep") await resources.watch(query);
    if (path === "/leave") await resources.unwatch(query);
    if (path === "/busy") {
      log.info("busy");
      await sleep(600_000);
    }
    return { body: await read(resources) };
  },
  async said({ address, method, message, agent }, { resources }) {
    await resources.write(DIARY, (await read(resources)) + agent + " said " + method + " " + JSON.stringify(message) + " to " + address + "\\n");
  },
  async changed({ change, resource }, { resources }) {
    if (resource.kind !== "File") return;
    await resources.write(DIARY, (await read(resources)) + change + " " + resource.address + "\\n");
  },
});
`;

const APP = `mechtrons: { a: a.js, b: b.js, m: m.wasm, keeper: keeper.js }
routes:
  - { path: /slow, mechtron: a, timeout: 1s }
  - { path: "/{rest*}", mechtron: a }
  - { path: /keep, mechtron: keeper }
  - { path: /leave, mechtron: keeper }
  - { path: /diary, mechtron: keeper }
  - { path: /busy, mechtron: keeper, timeout: 1h }
`;

const cwd = mkdtempSync(join(tmpdir(), "orrery-calls-"));
let up: TestUp;
before(async () => {
  up = await openTestUp({ cwd });
  const src = join(cwd, "src");
  mkdirSync(src);
  await buildScript(join(src, "a.js"), A);
  await buildScript(join(src, "b.js"), B);
  await buildScript(join(src, "keeper.js"), KEEPER);
  await buildModule(join(src, "m.wasm"), M);
  rmSync(join(src, "m.wasm.as.ts"));
  writeFileSync(join(src, "orrery.yaml"), APP);
  for (const line of [
    "demo.test<Space>",
    "demo.test:uploads<FileSystem>",
    "demo.test:diary<FileSystem>",
    "demo.test:others<Base>",
  ])
    await up.done(`create '${line}'`);
  await grant("makes", "app:a", "cr", "demo.test:uploads:**");
  await grant("makes-there", "app:a", "cr", "demo.test:uploads");
  await grant("keeps", "app:keeper", "crw", "demo.test:diary:**");
  await grant("keeps-there", "app:keeper", "crw", "demo.test:diary");
  await grant("sees", "app:keeper", "r", "demo.test:uploads:**");
  await up.done("auth grant execute on 'demo.test:app:**' to anyone");
  await up.done("publish src demo.test:app-src:1.0.0");
  await up.done("create 'demo.test:app<App>{ +config=demo.test:app-src:1.0.0:/orrery.yaml }'");
  await ready("demo.test:app");
});
after(async () => {
  await up?.[Symbol.asyncDispose]();
  rmSync(cwd, { recursive: true, force: true });
});

const grant = (name: string, to: string, verbs: string, on: string) =>
  up.done(`create 'demo.test:${name}<Grant>{ +to=demo.test:${to}, +verbs=${verbs}, +on=${on} }'`);

async function ready(app: string): Promise<void> {
  await until(async () => {
    const { status } = JSON.parse(await up.done(`get ${app} --output=json`)) as {
      status: { state: string; reason?: string };
    };
    assert.notEqual(status.state, "Panic", status.reason ?? "");
    return status.state === "Ready" && status.reason === undefined;
  });
}

async function until(is: () => Promise<boolean>): Promise<void> {
  for (const lastMs = performance.now() + 60_000; !(await is()); await setImmediate())
    assert.ok(performance.now() < lastMs);
}

const get = (path: string): Promise<Curled> => curl(`${up.web}${path}`, "demo.test");

async function upload(name: string): Promise<void> {
  writeFileSync(join(cwd, name), name);
  await up.done(`cp ${name} demo.test:uploads:/${name}`);
}

describe("a mechtron", () => {
  it("makes files and other resources where it was granted, and they are its owner's", async () => {
    const made = await get("/make?x");
    assert.deepEqual([made.status, made.body], [201, "made"]);
    assert.match(await up.done("ls 'demo.test:uploads:/**'"), /^demo\.test:uploads:\/d\/x\.txt<File>$/m);
    for (const one of ["demo.test:uploads:/d/x.txt", "demo.test:uploads:/d/"])
      assert.equal((JSON.parse(await up.done(`get ${one} --output=json`)) as { owner: string }).owner, "operator");
    const refused = await get("/create?demo.test:others:one");
    assert.equal(refused.status, 403);
    assert.deepEqual(JSON.parse(refused.body), {
      code: "permission_denied",
      message:
        'Cannot create in "demo.test:others" as "demo.test:app:a": no rule lets demo.test:app:a create in demo.test:others, ask an owner for a grant',
    });
    await grant("makes-others", "app:a", "cd", "demo.test:others");
    const created = await get("/create?demo.test:others:one");
    assert.equal(created.status, 201, created.body);
    assert.deepEqual((JSON.parse(created.body) as { properties: object }).properties, { title: "mine" });
  });

  it("may read, set and remove no more than grants say", async () => {
    assert.equal((await get("/get?demo.test:others:one")).status, 403);
    assert.equal((await get("/set?demo.test:others:one")).status, 403);
    assert.equal((await get("/ensure?demo.test:others:one")).status, 403);
    await grant("ones", "app:a", "rw", "demo.test:others:**");
    const again = await get("/create?demo.test:others:one");
    assert.deepEqual([again.status, JSON.parse(again.body).code], [409, "already_exists"]);
    assert.equal(JSON.parse((await get("/ensure?demo.test:others:one")).body).address, "demo.test:others:one");
    assert.equal(JSON.parse((await get("/set?.:others:one")).body).properties.title, "theirs");
    assert.equal(JSON.parse((await get("/get?.:others:one")).body).properties.title, "theirs");
    assert.deepEqual(JSON.parse((await get("/list?demo.test:**<Base>")).body), ["demo.test:others:one"]);
    assert.equal((await get("/delete?demo.test:others:one")).status, 204);
    assert.equal((await get("/get?demo.test:others:one")).status, 404);
    assert.match((await get("/bundle?demo.test:app-src:9.0.0")).body, /publish a bundle to make one/);
  });

  it("reads a file as it is, and an artifact of its bundle, and is told what is not there", async () => {
    await upload("hello.txt");
    const file = await get("/read?demo.test:uploads:/hello.txt");
    assert.deepEqual([file.status, file.body], [200, "hello.txt"]);
    const missing = await get("/read?demo.test:uploads:/none.txt");
    assert.deepEqual([missing.status, JSON.parse(missing.body).code], [404, "not_found"]);
    assert.equal((await get("/artifact?orrery.yaml")).body, APP);
    assert.equal((await get("/artifact?none.txt")).status, 404);
    assert.equal((await get("/none")).status, 404);
  });

  it("calls another, in whatever language, by its name or its address", async () => {
    assert.equal((await get("/hops?100")).body, "100");
    assert.equal((await get("/module?hello")).body, "any.said hello by demo.test:app:a");
  });

  it("is told of a cycle when its call comes back to it, and goes on", async () => {
    const round = await get("/round");
    const said = JSON.parse(Buffer.from(round.body, "latin1").toString()) as Record<"reason" | "message", string>;
    assert.deepEqual([round.status, said.reason], [502, "call_cycle"]);
    assert.match(said.message, /demo\.test:app:a → demo\.test:app:b → demo\.test:app:a/);
    assert.equal((await get("/hops?1")).body, "1");
  });

  it("is answered 504 for a target that is too slow, which is asked again later", async () => {
    const slow = await get("/slow");
    assert.equal(slow.status, 504, slow.body);
    assert.equal((await get("/hops?2")).body, "2");
  });

  it("may call one of another app where it was granted", async () => {
    writeFileSync(join(cwd, "src/orrery.yaml"), "mechtrons: { c: b.js }\n");
    await up.done("publish src demo.test:app-src:1.1.0");
    await up.done("create 'demo.test:other<App>{ +config=demo.test:app-src:1.1.0:/orrery.yaml }'");
    await ready("demo.test:other");
    const refused = await get("/other");
    assert.equal(refused.status, 403);
    assert.match(refused.body, /no rule lets demo\.test:app:a execute demo\.test:other:c/);
    await grant("calls", "app:a", "x", "demo.test:other:c");
    assert.deepEqual(JSON.parse((await get("/other")).body), { caller: "demo.test:app:a" });
  });

  it("takes what is sent to it, by a method of its own service or of another one", async () => {
    assert.equal(await up.done("send demo.test:app:a back"), '{"caller":"operator"}\n');
    assert.equal(await up.done(`send demo.test:app:b hop '{"hops":2}'`), '{"hops":3}\n');
    assert.equal(await up.done("send demo.test:app:b c/hello"), '{"caller":"operator"}\n');
    const refused = async (line: string) => {
      const { exit, err } = await up.orrery(`send ${line}`);
      return `${err}[${exit}]`;
    };
    assert.match(
      await refused("demo.test:app:a bcak"),
      /^Cannot answer "a.bcak"\n {2}the mechtron has no such method .*\[4\]$/s,
    );
    assert.match(
      await refused("demo.test:app:a round"),
      /demo\.test:app:a → demo\.test:app:b → demo\.test:app:a.*\[1\]$/s,
    );
    assert.match(await refused("demo.test:app:a /x"), /name a method, as in say, or greeter\/say.*\[/s);
    assert.match(
      await refused("demo.test:app:m said"),
      /^Cannot read the reply of "demo.test:app:m"\n {2}it is "application\/octet-stream", no JSON and no text .*\[1\]$/s,
    );
    assert.match(
      await refused("demo.test:app:b nap --timeout=2s"),
      /gave no answer about demo.test:app:b within 2000 ms.*\[5\]$/s,
    );
  });

  it("takes what is sent to it from whoever may execute it, and is told who", async () => {
    const hello = "send demo.test:other:c c/hello --agent=ann";
    await up.done("auth grant r on demo.test:other:c to ann");
    const { exit, err } = await up.orrery(hello);
    assert.deepEqual([exit, /no rule lets ann execute demo.test:other:c/.test(err)], [3, true], err);
    await up.done("auth grant x on demo.test:other:c to ann");
    assert.equal(await up.done(hello), '{"caller":"ann"}\n');
  });

  it("hears of what it watches from its host alone", async () => {
    const { exit, err } = await up.orrery("send demo.test:app:keeper orrery.watch/changed {}");
    assert.deepEqual([exit, /"orrery.watch" is the platform's own, name another service/.test(err)], [3, true], err);
    assert.equal((await get("/forge")).status, 403);
  });

  it("has no roles but its own, whoever calls it", async () => {
    await up.done(
      "exec 'create demo.test:private<FileSystem>; create demo.test:users<UserBase>; create demo.test:users:bea<User>'",
    );
    await up.done("auth role demo.test:insiders --add=demo.test:users:bea");
    await up.done("auth grant read on demo.test:private to demo.test:insiders");
    await up.done("auth grant rx on demo.test:app:a to demo.test:users:bea");
    await up.done("get demo.test:private --agent=demo.test:users:bea");
    const read = `send demo.test:app:a read '{"address":"demo.test:private"}'`;
    for (const agent of ["operator", "demo.test:users:bea"]) {
      const { exit, err } = await up.orrery(`${read} --agent=${agent}`);
      assert.deepEqual([exit, /no rule lets demo.test:app:a read demo.test:private/.test(err)], [3, true], err);
    }
    await up.done("auth role demo.test:insiders --add=demo.test:app:a --drop=demo.test:users:bea");
    assert.equal(await up.done(`${read} --agent=demo.test:users:bea`), '{"state":"Ready"}\n');
    assert.equal((await up.orrery("get demo.test:private --agent=demo.test:users:bea")).exit, 3);
    const roles = JSON.parse(await up.done("whoami --roles --agent=demo.test:app:a --output=json")) as object;
    assert.deepEqual(roles, { agent: "demo.test:app:a", operator: false, roles: ["demo.test:insiders"] });
  });

  it("is told each change of what it watches, once and in order", async () => {
    await get("/keep?demo.test:uploads:**");
    for (const name of ["1.txt", "2.txt", "3.txt"]) await upload(name);
    const wanted = ["1", "2", "3"].map((name) => `created demo.test:uploads:/${name}.txt\n`).join("");
    await until(async () => (await get("/diary")).body.length >= wanted.length);
    assert.equal((await get("/diary")).body, wanted);
  });

  it("is told after a restart what changed meanwhile", async () => {
    const before = (await get("/diary")).body;
    const busy = get("/busy").catch(() => undefined); // It takes nothing else until it ends, with the platform.
    await until(async () => up.log.some(({ text }) => text === "busy"));
    await upload("4.txt");
    await up.done("rm demo.test:uploads:/1.txt");
    await up[Symbol.asyncDispose]();
    await busy;
    up = await openTestUp({ cwd });
    await ready("demo.test:app");
    const wanted = `${before}created demo.test:uploads:/4.txt\ndeleted demo.test:uploads:/1.txt\n`;
    await until(async () => (await get("/diary")).body.length >= wanted.length);
    assert.equal((await get("/diary")).body, wanted);
  });

  it("hears what is sent to a broadcast that it watches, beside everybody else, and again after a restart", async () => {
    await up.done("create 'demo.test:news<Broadcast>'");
    await get("/keep?demo.test:news");
    await grant("hears", "app:keeper", "r", "demo.test:news"); // It is asked again until it may.
    const before = (await get("/diary")).body;
    const hears = async (words: string, count: number) =>
      until(
        async () =>
          (await up.done(`send demo.test:news ${words}`)) === `{"watchers":${count},"relayed":${count},"missed":0}\n`,
      );
    await hears("Ping", 1);
    const begun = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const watchers = begun.map(({ resolve }) =>
      up.orrery("watch demo.test:news --count=1", {
        onSay: (line) => line.startsWith("Watching the messages") && resolve(),
      }),
    );
    await Promise.all(begun.map(({ promise }) => promise));
    assert.equal(await up.done("send demo.test:news Say hi"), '{"watchers":4,"relayed":4,"missed":0}\n');
    for (const watcher of watchers) assert.match((await watcher).out, /"method":"Say","message":"hi"/);
    const said = 'operator said Say "hi" to demo.test:news\n';
    await until(async () => (await get("/diary")).body.endsWith(said));
    assert.equal(
      (await get("/diary")).body.slice(before.length).replace(/^(operator said Ping undefined.*\n)+/, ""),
      said,
    );
    await up[Symbol.asyncDispose]();
    up = await openTestUp({ cwd });
    await ready("demo.test:app");
    await hears(`Say '{"n":1}'`, 1);
    await until(async () => (await get("/diary")).body.includes('said Say {"n":1} to demo.test:news'));
    await get("/leave?demo.test:news");
  });

  it("is told nothing more when it leaves, and watches nothing when it is gone", async () => {
    const kept = () => readdirSync(join(cwd, "data/apps/watches"));
    assert.equal(kept().length, 1);
    const before = (await get("/diary")).body;
    await get("/leave?demo.test:uploads:**");
    assert.deepEqual(kept(), []);
    await upload("5.txt");
    await get("/keep?demo.test:uploads:**");
    await upload("6.txt");
    const watchers = async () => await up.done("get 'demo.test:uploads:/6.txt{ watchers }'");
    await until(async () => (await watchers()) === "1\n");
    assert.match(await up.done("get demo.test:uploads:/6.txt"), /^ {2}watchers +1$/m);
    await until(async () => (await get("/diary")).body.length > before.length);
    assert.equal((await get("/diary")).body, `${before}created demo.test:uploads:/6.txt\n`);
    await up.done("rm demo.test:app");
    await until(async () => (await up.orrery("get demo.test:app")).exit === 4);
    assert.deepEqual(kept(), []);
    await until(async () => (await watchers()) === "0\n");
    const began = Promise.withResolvers<void>();
    const person = up.orrery("watch demo.test:uploads --deep --count=1", {
      onSay: (line) => line.startsWith("Watching") && began.resolve(),
    });
    await began.promise;
    await until(async () => (await watchers()) === "1\n");
    await upload("7.txt");
    await person;
    await until(async () => (await watchers()) === "0\n");
  });
});
