import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { createNode, defineComponent, defineService, type Node, OrreryError } from "@orrery/core";
import { createJsonCaller } from "@orrery/http";
import * as z from "zod";
import { NO_STAND, servingOf } from "../apps/app-runtime.ts";
import { createAppWeb } from "../apps/app-web.ts";
import { parseAppFile } from "../apps/parse-app-file.ts";
import { AppsService } from "../gen/orrery/apps/v1/apps_pb.ts";
import { curl } from "../testing/curl.ts";
import { OPERATOR, openWeb, type TestWeb } from "../testing/open-web.ts";

const Greeter = defineService("demo.greeter", {
  sayHello: { request: z.object({ name: z.string() }), reply: z.object({ text: z.string() }), summary: "Greets." },
  call: { request: z.object({}), reply: z.object({ agent: z.string() }) },
  count: { mode: "stream", request: z.object({ to: z.number() }), reply: z.object({ at: z.number() }) },
});
const greeter = defineComponent(Greeter, () => ({
  sayHello: async ({ name }) => ({ text: `Hello, ${name}!` }),
  call: async (_, { agent }) => ({ agent }),
  async *count({ to }) {
    for (let at = 1; at <= to; at++) yield { at };
  },
}));
const Clash = (name: string) => defineService(name, { call: { request: z.object({}), reply: z.object({}) } });
const clashes = ["one.Twin", "two.Twin"].map((name) =>
  defineComponent(Clash(name), () => ({ call: async () => ({}) })),
);
const standing = defineComponent(AppsService, () => ({
  getApp: ({ address }) => ({ app: { address, state: "Ready" } }),
  getStats: () => ({}),
  getSpans: () => ({}),
  getMetrics: () => ({}),
  async *attach() {},
  async *watchServices() {},
  async *readLog() {},
  async *tailLogs() {},
}));

const FILE = `
components: { greeter: greeter.ts, Twin: twin.ts, AppsService: apps.ts }
body: 1kB
rate: { perSecond: 0.001, burst: 40 }
cors: { origins: ["https://app.example"], headers: [X-Mine], credentials: true, maxAge: 10m }
routes:
  - { path: "/routed/{name}", service: demo.greeter/sayHello, methods: [PUT], rate: { perSecond: 0.001, burst: 1 }, cors: "*" }
  - { path: "/pages/{rest*}", files: ".:files:/{rest}" }
`;
const JSON_TYPE = ["-H", "Content-Type: application/json"];

/** Method, path, body, and what comes: the status, and a part of the body. */
const TABLE: readonly (readonly [string, string, string, number, string])[] = [
  ["POST", "/demo.greeter/sayHello", '{"name":"Ann"}', 200, '{"text":"Hello, Ann!"}'],
  ["POST", "/demo/greeter/sayHello", '{"name":"Ann"}', 200, "Hello, Ann!"],
  ["POST", "/greeter/say-hello", '{"name":"Ann"}', 200, "Hello, Ann!"],
  ["POST", "/Greeter/SAYHELLO", '{"name":"Ann"}', 200, "Hello, Ann!"],
  ["POST", "/greeter", "{}", 200, '{"agent":"anonymous"}'],
  ["POST", "/greeter/count", '{"to":2}', 200, '{"at":1}\n{"at":2}\n'],
  ["POST", "/orrery/apps/v1/AppsService/GetApp", '{"address":"a"}', 200, '"state":"Ready"'],
  ["POST", "/orrery.apps.v1.AppsService/getApp", '{"address":"a"}', 200, '"state":"Ready"'],
  ["POST", "/two.Twin/call", "{}", 200, "{}"],
  ["POST", "/greeter/sayHello", '{"name":1}', 400, '"code":"invalid_argument"'],
  ["POST", "/greeter/sayHello", "{", 400, '"code":"invalid_argument"'],
  ["POST", "/greeter/nothing", "{}", 404, "its methods are"],
  ["POST", "/nosuch/call", "{}", 404, '{"code":"not_found","message":"There is no such service'],
  ["POST", "/nosuch", "{}", 404, '"code":"not_found"'],
  ["GET", "/nosuch/call", "", 404, '"code":"not_found"'],
  ["POST", "/Twin/call", "{}", 404, "means several services, write one whole: one.Twin, two.Twin"],
  ["POST", "/greeter//sayHello", "{}", 404, '"code":"not_found"'],
  ["DELETE", "/greeter/sayHello", "", 405, '"code":"unimplemented"'],
  ["GET", "/greeter/sayHello", "", 405, '"code":"unimplemented"'],
  ["POST", "/pages/x", "{}", 405, '"code":"unimplemented"'],
  ["POST", "/greeter/sayHello", `{"name":"${"x".repeat(1_000)}"}`, 413, '"code":"resource_exhausted"'],
  ["PUT", "/routed/a", '{"name":"Bob"}', 200, "Hello, Bob!"],
  ["PUT", "/routed/a", '{"name":"Bob"}', 429, '"code":"resource_exhausted"'],
];

describe("the gateway of a space", () => {
  let web: TestWeb;
  let node: Node;
  before(async () => {
    node = createNode({ components: [greeter, ...clashes, standing] });
    await node.start();
    const file = parseAppFile(FILE, { file: "orrery.yaml", in: "demo.test" });
    const app = (address: string) => ({ id: address, app: address, source: "", folder: "", file, secrets: {} });
    const services = [Greeter, AppsService, Clash("one.Twin"), Clash("two.Twin")];
    const caller = createJsonCaller({ node, services });
    const parts = {
      apps: () => ["demo.test:shop", "localhost:shop", "closed.test:shop"],
      stand: (address: string) => ({ ...NO_STAND, release: app(address), isReady: true, caller }),
    };
    const runtime = { serving: (space: string) => servingOf(space, parts) };
    const mechtrons = { ask: () => Promise.reject(new Error("there are none")) };
    const authenticate = (headers: Pick<Headers, "get">) => {
      if (headers.get("authorization") === "Bearer good") return "closed.test:users:ann";
      throw new OrreryError("unauthenticated", "Cannot use the token: it is none");
    };
    web = await openWeb({ apps: createAppWeb(runtime, mechtrons), authenticate });
    for (const space of ["demo.test", "localhost", "closed.test"]) {
      const owner = space === "closed.test" ? { owner: "closed.test:users:ann" } : {};
      await web.registry.create({ address: space, kind: "Space", ...owner }, OPERATOR);
    }
    for (const space of ["demo.test", "localhost"]) await web.open(space, "x");
  });
  after(async () => {
    await web[Symbol.asyncDispose]();
    await node.stop();
  });

  for (const [method, path, body, status, says] of TABLE)
    it(`leads ${method} ${path} of ${body.slice(0, 20)} to ${status}`, async () => {
      const more = ["-X", method, ...(body === "" ? [] : ["-d", body, ...JSON_TYPE])];
      const answer = await curl(`${web.url}${path}`, "demo.test", more);
      assert.deepEqual([answer.status, answer.body.includes(says)], [status, true], answer.body);
      const type = answer.headers.get("content-type");
      assert.equal(type, path.endsWith("count") ? "application/x-ndjson" : "application/json");
      if (status === 405) assert.match(answer.headers.get("allow") ?? "", path.startsWith("/pages") ? /GET/ : /POST/);
      if (status === 429) assert.match(answer.headers.get("retry-after") ?? "", /^\d+$/);
    });

  it("tells browsers by pages what it tells programs as JSON", async () => {
    const page = await curl(`${web.url}/nosuch`, "demo.test", ["-H", "Accept: text/html,*/*"]);
    assert.deepEqual([page.status, page.headers.get("content-type")], [404, "text/html; charset=utf-8"]);
    assert.match(page.body, /<h1>404 Not Found<\/h1>/);
    const program = await curl(`${web.url}/nosuch`, "demo.test");
    assert.deepEqual(JSON.parse(program.body), { code: "not_found", message: "There is nothing at this address." });
  });

  it("keeps to grants, and takes a token for whoever's it is", async () => {
    const ask = (...more: string[]) =>
      curl(`${web.url}/greeter/call`, "closed.test", ["-d", "{}", ...JSON_TYPE, ...more]);
    assert.equal((await ask()).status, 403);
    assert.deepEqual(JSON.parse((await ask("-H", "Authorization: Bearer good")).body), {
      agent: "closed.test:users:ann",
    });
    const refused = await ask("-H", "Authorization: Bearer bad");
    assert.deepEqual([refused.status, JSON.parse(refused.body).code], [401, "unauthenticated"]);
    const told = await curl(`${web.url}/-/services`, "closed.test");
    assert.deepEqual(JSON.parse(told.body).calls, [], "what nobody may call is not told");
    const { body } = await curl(`${web.url}/-/openapi.json`, "closed.test");
    assert.deepEqual(JSON.parse(body).paths, {});
  });

  it("asks no database for a call once it is warm, and counts what was granted or taken back at once", async () => {
    const ask = async () => (await curl(`${web.url}/greeter/call`, "localhost", ["-d", "{}", ...JSON_TYPE])).status;
    assert.equal(await ask(), 200);
    web.queries();
    assert.deepEqual([await ask(), await ask(), web.queries()], [200, 200, 0]);
    await web.registry.remove({ address: "localhost:public" }, OPERATOR);
    assert.equal(await ask(), 403);
    await web.open("localhost", "x");
    assert.equal(await ask(), 200);
  });

  it("lets pages of sites that are named call, and no others", async () => {
    const preflight = (origin: string, path = "/greeter/sayHello", method = "POST") =>
      curl(`${web.url}${path}`, "demo.test", [
        ...["-X", "OPTIONS", "-H", `Origin: ${origin}`, "-H", `Access-Control-Request-Method: ${method}`],
        ...["-H", "Access-Control-Request-Headers: content-type,x-mine"],
      ]);
    const { status, headers } = await preflight("https://app.example");
    assert.equal(status, 204);
    assert.equal(headers.get("access-control-allow-origin"), "https://app.example");
    assert.equal(headers.get("access-control-allow-credentials"), "true");
    assert.equal(headers.get("access-control-max-age"), "600");
    assert.equal(headers.get("vary"), "origin");
    assert.match(headers.get("access-control-allow-headers") ?? "", /Content-Type.*X-Mine/);
    assert.match(headers.get("access-control-allow-methods") ?? "", /POST/);
    const stranger = await preflight("https://evil.example");
    assert.deepEqual([stranger.status, stranger.headers.get("access-control-allow-origin")], [403, null]);
    const open = await preflight("https://any.example", "/routed/x", "PUT");
    assert.deepEqual([open.status, open.headers.get("access-control-allow-origin")], [204, "*"]);
    const call = (origin: string) =>
      curl(`${web.url}/greeter/call`, "demo.test", ["-d", "{}", ...JSON_TYPE, "-H", `Origin: ${origin}`]);
    assert.equal((await call("https://app.example")).headers.get("access-control-allow-origin"), "https://app.example");
    const other = await call("https://evil.example");
    assert.deepEqual([other.headers.get("access-control-allow-origin"), other.headers.get("vary")], [null, "origin"]);
  });

  it("publishes what everybody may call, as OpenAPI, as descriptors, and as a page", async () => {
    const { headers, body } = await curl(`${web.url}/openapi.json`, "demo.test");
    assert.equal(headers.get("content-type"), "application/json");
    const { openapi, paths } = JSON.parse(body);
    assert.equal(openapi, "3.1.0");
    assert.ok(paths["/demo.greeter/sayHello"].post);
    assert.ok(paths["/routed/{name}"].put);
    assert.equal((await curl(`${web.url}/-/openapi.json`, "demo.test")).body, body);
    const page = await curl(`${web.url}/-/services`, "demo.test", ["-H", "Accept: text/html"]);
    assert.match(page.body, /<h1>Services of demo\.test<\/h1>.*\/demo\.greeter\/sayHello.*Greets\./s);
  });

  it("is called by buf's own client of Connect, by the descriptors that it publishes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "orrery-gateway-"));
    try {
      const url = web.url.replace("127.0.0.1", "localhost");
      const response = await fetch(`${url}/-/descriptors.binpb`);
      const schema = join(folder, "space.binpb");
      writeFileSync(schema, Buffer.from(await response.arrayBuffer()));
      const buf = join(dirname(createRequire(import.meta.url).resolve("@bufbuild/buf/package.json")), "bin", "buf");
      const call = `${url}/orrery.apps.v1.AppsService/GetApp`;
      const args = [buf, "curl", "--schema", schema, "--data", '{"address":"x"}', call];
      const env = { ...process.env, XDG_CACHE_HOME: folder };
      const { stdout } = await promisify(execFile)(process.execPath, args, { env });
      assert.deepEqual(JSON.parse(stdout), { app: { address: "x", state: "Ready" } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
