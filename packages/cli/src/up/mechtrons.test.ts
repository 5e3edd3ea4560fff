import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { buildModule, buildScript } from "../testing/build-mechtron.ts";
import { type Curled, curl } from "../testing/curl.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

/** In AssemblyScript: answers HTTP, and traps where it is asked to. */
const MODULE = `
import { Reply, Request, serve } from "@orrery/guest/assembly";
export { orrery_abi, orrery_alloc, orrery_free } from "@orrery/guest/assembly";
export function orrery_handle(pointer: usize, length: i32): u64 {
  return serve(pointer, length, (request: Request): Reply => {
    if (request.path.endsWith("/trap")) unreachable();
    const reply = Reply.of(Uint8Array.wrap(String.UTF8.encode("<h1>module at " + request.path + "</h1>")));
    reply.contentType = "text/html";
    return reply;
  });
}
`;

/** In TypeScript: says its version, loops, sleeps, and tells what it finds as its config. */
const SCRIPT = (version: string) => `
import { defineMechtron } from "@orrery/guest";
export default defineMechtron({
  services: { talker: { say: ({ text }: { text: string }, { agent }) => ({ said: text + " to " + agent }) } },
  async http({ path, query }, context) {
    if (path.endsWith("/spin")) for (;;);
    if (path.endsWith("/nap")) await context.sleep(Number(query));
    if (path.endsWith("/config")) return { body: { config: await context.config() ?? null } };
    return { body: "${version}" };
  },
});
`;

const APP = `timeout: 10s
mechtrons:
  main: main.wasm
  talker: { path: talker.js, methods: [say], settings: { size: 200 }, memory: 32MiB, cpu: 1m }
routes:
  - { path: "/app/{rest*}", mechtron: main }
  - { path: "/talk/{rest*}", mechtron: talker }
  - path: "/short/{rest*}"
    mechtron: talker
    timeout: 2s
  - { path: /say, service: talker/say }
`;

let up: TestUp;
let src: string;
before(async () => {
  up = await openTestUp();
  src = join(up.cwd, "src");
  await up.done("create demo.test<Space>");
});
after(() => up?.[Symbol.asyncDispose]());

const get = (path: string, more: readonly string[] = []): Promise<Curled> =>
  curl(`${up.web}${path}`, "demo.test", more);

interface Shown {
  readonly kind: string;
  readonly owner: string;
  readonly status: { readonly state: string; readonly reason?: string; readonly details?: { readonly runs?: string } };
}

async function shown(address: string): Promise<Shown> {
  return JSON.parse(await up.done(`get ${address} --output=json`)) as Shown;
}

async function until(address: string, is: (status: Shown["status"]) => boolean): Promise<Shown["status"]> {
  for (const lastMs = performance.now() + 30_000; ; ) {
    const { status } = await shown(address);
    if (is(status)) return status;
    assert.ok(performance.now() < lastMs, `${address} is ${JSON.stringify(status)}`);
  }
}

const runs = (version: string) => (status: Shown["status"]) =>
  status.state === "Ready" && status.reason === undefined && status.details?.runs?.includes(`:${version}:`) === true;

async function publish(version: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
  rmSync(src, { recursive: true, force: true });
  mkdirSync(src);
  writeFileSync(join(src, "orrery.yaml"), APP);
  await buildModule(join(src, "main.wasm"), MODULE);
  await buildScript(join(src, "talker.js"), SCRIPT(version));
  rmSync(join(src, "main.wasm.as.ts"));
  for (const [name, text] of Object.entries(files)) {
    if (text === "") rmSync(join(src, name));
    else writeFileSync(join(src, name), text);
  }
  await up.done(`publish src demo.test:app-src:${version}`);
}

const setTo = (version: string) => up.done(`set 'demo.test:app{ +config=demo.test:app-src:${version}:/orrery.yaml }'`);

describe("an App with mechtrons under orrery up", () => {
  it("is Panic where a module is missing, or is none, with the artifact named", async () => {
    await publish("0.8.0", { "main.wasm": "" });
    await up.done("create 'demo.test:app<App>{ +config=demo.test:app-src:0.8.0:/orrery.yaml }'");
    const missing = await until("demo.test:app", ({ state }) => state === "Panic");
    assert.match(
      missing.reason ?? "",
      /its mechtron "main" is missing, there is no "demo\.test:app-src:0\.8\.0:\/main\.wasm"/,
    );
    await publish("0.9.0", { "main.wasm": "no module" });
    await setTo("0.9.0");
    const bad = await until("demo.test:app", ({ reason }) => reason?.includes("no WebAssembly") === true);
    assert.equal(bad.state, "Panic");
    assert.match(bad.reason ?? "", /its mechtron "main" does not run: .*it is no WebAssembly module of version 1/);
    const alone = "create 'demo.test:app:lost<Mechtron>{ +config=demo.test:app-src:0.9.0:/lost.wasm }'";
    await up.done(alone);
    const lost = await until("demo.test:app:lost", ({ state }) => state === "Panic");
    assert.match(lost.reason ?? "", /there is no "demo\.test:app-src:0\.9\.0:\/lost\.wasm", publish it/);
    await up.done("rm demo.test:app:lost");
  });

  it("becomes Ready, and has its mechtrons as resources of its owner", async () => {
    await publish("1.0.0");
    await setTo("1.0.0");
    await until("demo.test:app", runs("1.0.0"));
    assert.match(
      await up.done("ls 'demo.test:app:*'"),
      /^demo\.test:app:main<Mechtron>\ndemo\.test:app:talker<Mechtron>\n$/,
    );
    const { kind, owner } = await shown("demo.test:app:main");
    assert.deepEqual([kind, owner], ["Mechtron", (await shown("demo.test:app")).owner]);
  });

  it("answers nobody whom no grant lets execute it", async () => {
    const { status, body } = await get("/app/");
    assert.deepEqual([status, JSON.parse(body).code], [404, "not_found"]);
    const line = up.log.find(({ text }) => text === "a message to what is not for everybody");
    assert.deepEqual(line?.fields["address"], "demo.test:app:main");
    await up.done("auth grant x on 'demo.test:app:**' to anyone");
  });

  it("answers by a module and by a script, which finds its settings", async () => {
    const page = await get("/app/some/page?x=1");
    assert.deepEqual(
      [page.status, page.headers.get("content-type"), page.body],
      [200, "text/html", "<h1>module at /app/some/page?x=1</h1>"],
    );
    const said = await get("/say", ["--json", '{"text":"hello"}']);
    assert.equal(said.status, 200, said.body);
    assert.deepEqual([said.status, JSON.parse(said.body)], [200, { said: "hello to anonymous" }]);
    assert.equal((await get("/talk/config")).body, '{"config":{"size":200}}');
  });

  it("answers by the bind of its space too, beside files", async () => {
    await up.done("create demo.test:files<FileSystem>");
    writeFileSync(join(up.cwd, "index.html"), "<h1>a file</h1>");
    writeFileSync(
      join(up.cwd, "bind.yaml"),
      'routes:\n  - { path: "/files/{rest*}", files: "demo.test:files:/{rest}" }\n  - { path: /front, mechtron: .:app:main }\n',
    );
    await up.done("cp index.html demo.test:files:/index.html");
    await up.done("cp bind.yaml demo.test:files:/bind.yaml");
    await up.done("create 'demo.test:public<Grant>{ +to=anyone, +verbs=r, +on=demo.test:files:** }'");
    await up.done("set 'demo.test{ +bind=demo.test:files:/bind.yaml }'");
    const file = await get("/files/index.html");
    assert.deepEqual(
      [file.status, file.headers.get("content-type"), file.body],
      [200, "text/html; charset=utf-8", "<h1>a file</h1>"],
    );
    assert.equal((await get("/front")).body, "<h1>module at /front</h1>");
    assert.equal((await get("/app/")).status, 200);
  });

  it("answers 502 for one that traps, says why in the log, and 200 next", async () => {
    const trapped = await get("/app/trap");
    assert.equal(trapped.status, 502);
    const line = up.log.find(({ text }) => text === "a mechtron failed");
    assert.equal(line?.fields["mechtron"], "demo.test:app:main");
    assert.match(String(line?.fields["error"]), /unreachable/);
    const next = await get("/app/");
    assert.equal(next.status, 200);
    await until("demo.test:app:main", ({ state, reason }) => state === "Ready" && reason === undefined);
  });

  it("answers 504 within the timeout of a route, and says which line sets it", async () => {
    assert.equal((await get("/short/nap?50")).status, 200);
    for (const path of ["/short/spin", "/short/nap?9000"]) {
      const late = await get(path);
      assert.equal(late.status, 504, path);
      assert.match(late.body, /its time is 2000 ms, the timeout at demo\.test:app-src:1\.0\.0:\/orrery\.yaml:10/);
    }
    assert.equal((await get("/short/")).body, "1.0.0");
  });

  it("is updated without a failed request, and keeps what runs where an update is bad", async () => {
    await publish("1.1.0");
    let isOver = false;
    const seen = new Set<string>();
    const asking = [0, 1, 2].map(async () => {
      while (!isOver) {
        const { status, body } = await get("/talk/nap?5");
        assert.equal(status, 200, body);
        seen.add(body);
      }
    });
    await setTo("1.1.0");
    await until("demo.test:app", runs("1.1.0"));
    await get("/talk/nap?5");
    isOver = true;
    await Promise.all(asking);
    assert.ok(seen.has("1.1.0") || (await get("/talk/")).body === "1.1.0");
    await publish("1.2.0", { "talker.js": "throw new Error('it is broken');" });
    await setTo("1.2.0");
    const kept = await until("demo.test:app:talker", ({ reason }) => reason?.includes("put back") === true);
    assert.equal(kept.state, "Ready");
    assert.match(kept.reason ?? "", /1\.2\.0:\/talker\.js was put back: .*it is broken.*1\.1\.0:\/talker\.js runs on/s);
    assert.equal((await get("/talk/")).body, "1.1.0");
    await setTo("1.1.0");
    await until("demo.test:app", runs("1.1.0"));
  });

  it("ends with its mechtrons when it is removed", async () => {
    await up.done("rm demo.test:app");
    for (const lastMs = performance.now() + 20_000; (await up.orrery("get demo.test:app")).exit !== 4; )
      assert.ok(performance.now() < lastMs);
    assert.equal((await get("/front")).status, 503);
    assert.equal((await get("/talk/")).status, 404);
  });
});
