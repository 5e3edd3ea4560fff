import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { splitScript } from "../resources/split-line.ts";
import { type Curled, curl } from "../testing/curl.ts";
import { type Typed, type } from "../testing/memory-terminal.ts";
import { orrery, type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

/** What stands behind the one upstream that is allowed: it says which header fields it got, and answers with many. */
const behind: Server = createServer((incoming, outgoing) => {
  const fields = [
    "set-cookie",
    "a=1",
    "set-cookie",
    "b=2",
    "x-own",
    "kept",
    "keep-alive",
    "timeout=9",
    "connection",
    "x-hop",
  ];
  outgoing.writeHead(200, [...fields, "x-hop", "gone", "content-type", "application/json"]);
  outgoing.end(JSON.stringify(incoming.headers));
});

const cwd = mkdtempSync(join(tmpdir(), "orrery-web-"));
let up: Running;
let ready: RunEvent & { readonly web: string };
before(async () => {
  behind.listen(0, "127.0.0.1");
  await once(behind, "listening");
  await start();
});
after(async () => {
  up?.child.kill("SIGKILL");
  await up?.ended;
  behind.closeAllConnections();
  behind.close();
  rmSync(cwd, { recursive: true, force: true });
});

const nearby = () => `127.0.0.1:${(behind.address() as AddressInfo).port}`;

async function start(): Promise<void> {
  const ports = ["--port=0", "--http=0", "--web-port=0", `--allow-upstream=${nearby()}`];
  up = startEvents(["up", ...ports, "--database=pglite"], { cwd });
  ready = (await up.next("ready")) as typeof ready;
}

function typed(line: string): Promise<Typed> {
  const words = splitScript(line)[0]?.words ?? [];
  return type(words, { cwd, env: { ORRERY_SERVER: ready.address, HOME: cwd } });
}

/** Types a command that must go well; gives what it prints. */
async function done(line: string): Promise<string> {
  const { exit, out, err } = await typed(line);
  assert.equal(exit, 0, `${line}: ${err}`);
  return out;
}

const get = (path: string, more: readonly string[] = [], host = "demo.test"): Promise<Curled> =>
  curl(`${ready.web}${path}`, host, more);

function write(name: string, text: string): void {
  const path = join(cwd, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}

/** Sets a bind that is written here. */
async function bind(space: string, routes: readonly string[]): Promise<void> {
  write("bind.yaml", `routes:\n${routes.map((route) => `  - ${route}\n`).join("")}`);
  await done(`create ${space}:cfg<FileSystem> --ensure`);
  await done(`cp bind.yaml ${space}:cfg:/bind.yaml`);
  await done(`set ${space} --set bind=.:cfg:/bind.yaml`);
}

const page = (title: string) => `<!doctype html>\n<title>${title}</title>\n`;

describe("orrery up on the web", () => {
  it("tells a host that is no space from a space without a bind", async () => {
    const unknown = await get("/");
    assert.deepEqual([unknown.status, unknown.reason], [404, "Not Found"]);
    assert.match(unknown.body, /There is no space \\"demo\.test\\" here/);
    await done("create demo.test<Space>");
    const unbound = await get("/");
    assert.equal(unbound.status, 404);
    assert.match(unbound.body, /The space \\"demo\.test\\" has no bind/);
  });

  it("answers for each space by its host, whatever its case, port and dots", async () => {
    for (const space of ["demo.test", "www.other.test"]) {
      if (space !== "demo.test") await done(`create ${space}<Space>`);
      await bind(space, [`{ path: /, redirect: 'https://elsewhere.test/${space}' }`]);
    }
    for (const [host, space] of [
      ["demo.test", "demo.test"],
      ["DEMO.Test:7780", "demo.test"],
      ["demo.test.", "demo.test"],
      ["www.other.test", "www.other.test"],
      ["WWW.Other.TEST:80", "www.other.test"],
    ] as const)
      assert.equal((await get("/", [], host)).headers.get("location"), `https://elsewhere.test/${space}`, host);
    assert.equal((await get("/", [], "other.test")).status, 404);
  });

  it("serves files where the bind maps them, and refuses other methods and paths", async () => {
    await done("create demo.test:files<FileSystem>");
    const html = page("Grüße");
    write("index.html", html);
    await done("cp index.html demo.test:files:/index.html");
    await bind("demo.test", ["{ path: '/files/{rest*}', files: '.:files:/{rest}' }"]);
    assert.equal((await get("/files/index.html")).status, 404, "nobody was granted to see it");
    await done("auth grant read on demo.test:files:** to anyone");
    const { status, headers, body } = await get("/files/index.html");
    assert.deepEqual([status, headers.get("content-type")], [200, "text/html; charset=utf-8"]);
    assert.equal(Buffer.from(body, "latin1").toString(), html);
    assert.equal((await get("/files/")).body, body);
    const posted = await get("/files/index.html", ["-d", "x"]);
    assert.deepEqual(
      [posted.status, posted.reason, posted.headers.get("allow")],
      [405, "Method Not Allowed", "GET, HEAD"],
    );
    assert.equal((await get("/elsewhere")).status, 404);
  });

  it("refuses a bind that cannot be read with its place, and keeps the one before", async () => {
    write("bad.yaml", "routes:\n  - path: /\n    redirct: /x\n");
    await done("cp bad.yaml demo.test:cfg:/bad.yaml");
    const { exit, err } = await typed("set demo.test --set bind=demo.test:cfg:/bad.yaml");
    assert.equal(exit, 2);
    assert.ok(
      err.includes(
        'demo.test:cfg:/bad.yaml:3:5: there is no "routes[0].redirct": did you mean "redirect"?\n        redirct: /x\n        ^',
      ),
      err,
    );
    assert.equal(await done("get demo.test{bind}"), ".:cfg:/bind.yaml\n");
    assert.equal((await get("/files/index.html")).status, 200);
  });

  it("serves a site from a bundle", async () => {
    write("site/html/index.html", page("one"));
    write("site/html/css/a.css", "body { color: teal }\n");
    await done("publish site demo.test:site:1.0.0");
    await done("tag demo.test:site latest 1.0.0");
    await done("auth grant read on demo.test:site:** to anyone");
    await bind("demo.test", ["{ path: '/{rest*}', files: '.:site:[latest]:/html/{rest}' }"]);
    const index = await get("/");
    assert.deepEqual([index.status, index.reason, index.body], [200, "OK", page("one")]);
    assert.equal((await get("/css/a.css")).headers.get("content-type"), "text/css; charset=utf-8");
    const head = await get("/", ["-I"]);
    assert.deepEqual([head.body, head.headers.get("content-length")], ["", String(index.body.length)]);
    const part = await get("/", ["-r", "0-9"]);
    assert.deepEqual([part.status, part.reason, part.body], [206, "Partial Content", index.body.slice(0, 10)]);
    const unchanged = await get("/", ["-H", `If-None-Match: ${index.headers.get("etag")}`]);
    assert.deepEqual([unchanged.status, unchanged.reason, unchanged.body], [304, "Not Modified", ""]);
    for (const path of ["/missing.html", "/..%2f..%2fcfg/bind.yaml", "/%2e%2e/html/index.html", "/css/../index.html"])
      assert.equal((await get(path)).status, 404, path);
  });

  it("shows the other version once its tag has moved, and each by its own number", async () => {
    write("site/html/index.html", page("two"));
    await done("publish site demo.test:site:1.1.0");
    assert.equal((await get("/")).body, page("one"));
    await done("tag demo.test:site latest 1.1.0");
    assert.equal((await get("/")).body, page("two"));
    await bind("www.other.test", ["{ path: /, files: 'demo.test:site:1.0.0:/html/' }"]);
    assert.equal((await get("/", [], "www.other.test")).body, page("one"));
    const { exit, err } = await typed("tag demo.test:site latest 9.0.0");
    assert.equal(exit, 4);
    assert.match(err, /9\.0\.0/);
    const moves = JSON.parse(await done("tag demo.test:site latest --at --output=json")) as { version: string }[];
    assert.deepEqual(moves.map(({ version }) => version).sort(), ["1.0.0", "1.1.0"]);
    assert.equal((await get("/")).body, page("two"));
  });

  it("has the header fields of HTTP, and takes many", async () => {
    const { headers } = await get("/", Array.from({ length: 60 }, (_, n) => ["-H", `X-Field-${n}: ${n}`]).flat());
    assert.match(headers.get("etag") ?? "", /^"[0-9a-f]{64}"$/);
    assert.ok(Math.abs(Date.parse(headers.get("date") ?? "") - Date.now()) < 600_000);
    assert.equal(headers.get("content-length"), String(page("two").length));
  });

  it("passes requests on to where it was allowed to, with all fields but those between two neighbours", async () => {
    await bind("demo.test", [`{ path: '/api/{rest*}', upstream: 'http://${nearby()}/{rest}' }`]);
    const { status, headers, body } = await get("/api/x", ["-H", "X-Mine: 1"]);
    assert.equal(status, 200);
    assert.deepEqual(headers.getSetCookie(), ["a=1", "b=2"]);
    assert.deepEqual([headers.get("x-own"), headers.get("x-hop")], ["kept", null]);
    assert.notEqual(headers.get("keep-alive"), "timeout=9");
    const got = JSON.parse(body) as Record<string, string>;
    assert.deepEqual([got["x-mine"], got["x-forwarded-host"]], ["1", "demo.test"]);
  });

  it("refuses a bind that leads to where it was not, its own ports too", async () => {
    for (const to of [
      ready.http,
      ready.web,
      "http://169.254.169.254",
      "http://localhost:9",
      "http://[::ffff:127.0.0.1]:9",
    ]) {
      write("bad.yaml", `routes:\n  - { path: /, upstream: '${to}/' }\n`);
      await done("cp bad.yaml demo.test:cfg:/bad.yaml");
      const { exit, err } = await typed("set demo.test --set bind=.:cfg:/bad.yaml");
      assert.equal(exit, 2, to);
      assert.match(
        err,
        /bad\.yaml:2:26: "routes\[0\]\.upstream" is at .*, where no bind may lead: an operator must allow it first/,
      );
    }
    assert.equal((await get("/api/x")).status, 200);
  });

  it("calls services as somebody unknown", async () => {
    await bind("demo.test", ["{ path: /get, service: orrery.registry.v1.RegistryService/Get }"]);
    const ask = (address: string) =>
      get("/get", ["-H", "Content-Type: application/json", "-d", JSON.stringify({ address })]);
    assert.equal((await ask("demo.test")).status, 403);
    const { status, body } = await ask("demo.test:files:/index.html");
    assert.equal(status, 200);
    assert.equal((JSON.parse(body) as { resource: { kind: string } }).resource.kind, "File");
  });

  it("goes on after a kill with the binds, tags and files that it had", async () => {
    await bind("demo.test", ["{ path: '/{rest*}', files: '.:site:[latest]:/html/{rest}' }"]);
    const before = (await get("/")).headers.get("etag");
    const revision = await done("get demo.test{revision}");
    up.child.kill("SIGKILL");
    await up.ended;
    await start();
    assert.equal((await get("/")).headers.get("etag"), before);
    assert.equal(await done("get demo.test{revision}"), revision);
  });

  it("says what is wrong with --allow-upstream", async () => {
    const { exit, err } = await orrery(["up", "--data=none", "--allow-upstream=http://127.0.0.1:9000"], { cwd });
    assert.equal(exit, 2, err);
    assert.equal(existsSync(join(cwd, "none")), false); // Nothing was begun.
    assert.match(
      err,
      /^Cannot allow the upstream "http:\/\/127\.0\.0\.1:9000"\n {2}write host and port such as 127\.0\.0\.1:9000/,
    );
  });
});
