import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { createNode, defineComponent, defineService, type Node, OrreryError } from "@orrery/core";
import { createJsonCaller, type ServiceReply } from "@orrery/http";
import * as z from "zod";
import { curl } from "../testing/curl.ts";
import { OPERATOR, openWeb, type TestWeb } from "../testing/open-web.ts";
import type { SpaceApps, SpaceService } from "./space-apps.ts";

const Shop = defineService("shop", {
  order: { request: z.object({ item: z.string(), count: z.number() }), reply: z.object({ total: z.number() }) },
  whoAmI: { request: z.object({}), reply: z.object({ agent: z.string() }) },
  fail: { request: z.object({ how: z.string() }), reply: z.object({}) },
  count: { mode: "stream", request: z.object({ to: z.number() }), reply: z.object({ at: z.number() }) },
});

const shop = defineComponent(Shop, () => ({
  order: async ({ count }) => ({ total: count * 3 }),
  whoAmI: async (_, { agent }) => ({ agent }),
  fail: async ({ how }, { clock }) => {
    if (how === "late") await clock.sleep(3_000);
    if (how === "missing") throw new OrreryError("not_found", "Cannot find it: there is none");
    throw new Error("SECRET of the service");
  },
  async *count({ to }) {
    for (let at = 1; at <= to; at++) yield { at };
  },
}));

const BIND = `
timeout: 10s
routes:
  - { path: /order, service: shop/order, body: 1kB }
  - { path: /who, service: shop/whoAmI }
  - { path: /fail, service: shop/fail, timeout: 300ms }
  - { path: /no, service: shop/nothing }
  - { path: "/all/{method}", service: "shop/{method}" }
  - { path: "/soon/{method}", service: "shop/{method}", timeout: 300ms, body: 1kB, headers: { x-made-by: shop } }
  - { path: "/seldom/{method}", service: "shop/{method}", rate: { perSecond: 0.001, burst: 2 } }
  - { path: '/files/{rest*}', files: '.:files:/{rest}' }
  - { path: '/again/{rest*}', files: '.:again:/{rest}' }
`;

describe("services of a space", () => {
  let web: TestWeb;
  let node: Node;
  /** What runs in the space beside what the platform serves. */
  let standing: { services: readonly SpaceService[]; callee: ReturnType<SpaceApps["callerOf"]> };
  /** Requests whose protocol was looked into. */
  let looked = 0;
  before(async () => {
    node = createNode({ components: [shop] });
    await node.start();
    standing = { services: [], callee: undefined };
    const caller = createJsonCaller({ node, services: [Shop] });
    const answer: typeof caller.answer = async (request) => {
      looked++;
      return await (caller.answer?.(request) as Promise<ServiceReply>);
    };
    const apps: SpaceApps = {
      services: () => standing.services,
      callerOf: () => standing.callee,
      match: () => ({ kind: "none" }),
      routes: () => [],
      callees: () => [],
      without: () => apps,
      ask: () => Promise.reject(new Error("there are no mechtrons")),
    };
    web = await openWeb({ apps, caller: { ...caller, answer }, stallTimeoutMs: 500 });
    await web.space("demo.test", BIND);
    await web.open("demo.test");
  });
  after(async () => {
    await web[Symbol.asyncDispose]();
    await node.stop();
  });
  const post = async (path: string, body: string, type = "application/json") => {
    const answer = await curl(`${web.url}${path}`, "demo.test", ["-d", body, "-H", `Content-Type: ${type}`]);
    return [answer.status, answer.body] as const;
  };

  it("are called with the body, and answer with their reply", async () => {
    assert.deepEqual(await post("/order", '{"item":"nut","count":2}'), [200, '{"total":6}']);
    assert.deepEqual(await post("/who", ""), [200, '{"agent":"anonymous"}']);
    const { headers } = await curl(`${web.url}/who`, "demo.test", ["-X", "POST"]);
    assert.equal(headers.get("content-type"), "application/json");
  });

  it("tell what is wrong with a request, and nothing of themselves", async () => {
    const [status, body] = await post("/order", '{"item":"nut"}');
    assert.equal(status, 400);
    assert.match(body, /"code":"invalid_argument"/);
    assert.equal((await post("/order", "{"))[0], 400);
    assert.equal((await post("/order", "a=1", "text/plain"))[0], 415);
    assert.equal((await post("/order", `{"item":"${"x".repeat(1_000)}","count":1}`))[0], 413);
    assert.equal((await post("/fail", '{"how":"missing"}'))[0], 404);
    const [failed, why] = await post("/fail", '{"how":"defect"}');
    assert.equal(failed, 502);
    assert.ok(!why.includes("SECRET"), why);
    assert.ok(web.log.some(({ text }) => text === "a service failed"));
    assert.equal((await post("/no", "{}"))[0], 502);
    assert.equal((await curl(`${web.url}/order`, "demo.test")).status, 405);
  });

  it("are called by any protocol of services where a route names all of their methods", async () => {
    const ask = async (path: string, body: string, ...headers: readonly string[]) => {
      const more = headers.flatMap((one) => ["-H", one]);
      const answer = await curl(`${web.url}${path}`, "demo.test", ["-d", body, ...more]);
      return [answer.status, answer.body, answer.headers.get("content-type")] as const;
    };
    const [json, connect] = ["Content-Type: application/json", "Connect-Protocol-Version: 1"];
    assert.deepEqual(await ask("/all/order", '{"item":"nut","count":2}', json), [
      200,
      '{"total":6}',
      "application/json",
    ]);
    assert.deepEqual(await ask("/all/whoAmI", "{}", json, connect), [200, '{"agent":"anonymous"}', "application/json"]);
    const [missing, why] = await ask("/all/fail", '{"how":"missing"}', json, connect);
    assert.deepEqual([missing, JSON.parse(why).code], [404, "not_found"]);
    const [failed, nothing] = await ask("/all/fail", '{"how":"defect"}', json, connect);
    assert.deepEqual([failed, JSON.parse(nothing).code, nothing.includes("SECRET")], [500, "internal", false]);
    assert.equal((await ask("/all/fail", '{"how":"late"}', json, connect, "Connect-Timeout-Ms: 50"))[0], 504);
    assert.match((await ask("/all/nothing", "{}", json))[1], /its methods are \\"order/);
    assert.equal((await ask("/all/order", "", "Content-Type: application/grpc"))[0], 415);
    assert.equal((await curl(`${web.url}/all/order`, "demo.test")).status, 405);
    assert.deepEqual(await ask("/all/count", '{"to":2}', json), [200, '{"at":1}\n{"at":2}\n', "application/x-ndjson"]);
  });

  it("answer a request like one before as they answered that, without looking for its way again", async () => {
    const json = ["-H", "Content-Type: application/json"];
    let writes = 0;
    /** What comes while nothing is known, and then twice again; and how many of these were looked into. */
    const askThrice = async (path: string, body: string, more: readonly string[] = json) => {
      await web.registry.create({ address: `written-${++writes}.test`, kind: "Space" }, OPERATOR);
      const ask = async () => {
        const { status, body: said, headers } = await curl(`${web.url}${path}`, "demo.test", ["-d", body, ...more]);
        return { status, said, headers: [...headers].filter(([name]) => name !== "date") };
      };
      const first = await ask();
      const before = looked;
      assert.deepEqual([await ask(), await ask()], [first, first], path);
      return [first.status, looked - before];
    };
    assert.deepEqual(await askThrice("/all/order", '{"item":"Nüsse €","count":2}'), [200, 0]);
    assert.deepEqual(await askThrice("/all/whoAmI", "{}", [...json, "-H", "Accept-Encoding: gzip"]), [200, 0]);
    assert.deepEqual(await askThrice("/all/order", '{"item":"nut"}'), [400, 0]);
    assert.deepEqual(await askThrice("/all/order", "{"), [400, 0]);
    assert.deepEqual(await askThrice("/all/fail", '{"how":"defect"}'), [500, 0]);
    assert.deepEqual(await askThrice("/soon/order", '{"item":"nut","count":1}'), [200, 0]);
    assert.deepEqual(await askThrice("/soon/fail", '{"how":"late"}'), [504, 0]);
    assert.deepEqual(await askThrice("/soon/order", `{"item":"${"x".repeat(1_000)}","count":1}`), [413, 0]);
    const connect = [...json, "-H", "Connect-Protocol-Version: 1"];
    assert.deepEqual(await askThrice("/all/order", '{"item":"nut","count":2}', connect), [200, 2]);
    assert.deepEqual(await askThrice("/all/order", "item=1", []), [415, 2]);
    assert.deepEqual(await askThrice("/all/count", '{"to":2}'), [200, 2]);
    const seldom = async () => (await post("/seldom/whoAmI", "{}"))[0];
    assert.deepEqual([await seldom(), await seldom(), await seldom()], [200, 200, 429], "each is counted");
  });

  it("answer a request like one before anew where other apps serve the space by then", async () => {
    const ask = () => post("/all/whoAmI", "{}");
    const before = [await ask(), await ask()];
    const caller = createJsonCaller({ node, services: [Shop] });
    const callee = { app: "demo.test:shut", caller, isMechtron: false };
    standing = { services: [], callee };
    const during = [await ask(), await ask()];
    standing = { services: [], callee: undefined };
    const statuses = [...before, ...during, await ask()].map(([status]) => status);
    assert.deepEqual(statuses, [200, 200, 403, 403, 200], "nobody may call an app that is not there for all");
  });

  it("stream by Connect where a route names all of their methods", async () => {
    const message = Buffer.from('{"to":2}');
    const asked = request(`${web.url}/all/count`, {
      method: "POST",
      headers: { host: "demo.test", "content-type": "application/connect+json" },
    });
    asked.end(Buffer.concat([Uint8Array.of(0, 0, 0, 0, message.length), message])); // No flags, and the length.
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    assert.equal(answer.statusCode, 200);
    assert.deepEqual((await text(answer)).match(/\{.*?\}/g), ['{"at":1}', '{"at":2}', "{}"]);
  });

  it("that take too long are answered 504", async () => {
    assert.equal((await post("/fail", '{"how":"late"}'))[0], 504);
  });

  for (const [how, name, file] of [
    ["read in pieces", "files", { bytes: 64 * 1024 * 1024, times: 1 }],
    ["kept in memory, and asked for again and again", "again", { bytes: 2_000_000, times: 32 }],
  ] as const)
    it(`lie beside files, whose slow readers are cut off where they are ${how}`, async () => {
      await web.registry.create({ address: `demo.test:${name}`, kind: "FileSystem" }, OPERATOR);
      await web.file(`demo.test:${name}:/large.bin`, new Uint8Array(file.bytes));
      const told = () => web.log.filter(({ text }) => text === "a visitor took nothing of an answer").length;
      const before = told();
      const socket = connect(Number(new URL(web.url).port), "127.0.0.1");
      socket.on("error", () => undefined);
      socket.pause();
      socket.write(`GET /${name}/large.bin HTTP/1.1\r\nhost: demo.test\r\n\r\n`.repeat(file.times));
      while (told() === before) await new Promise((resolve) => setImmediate(resolve));
      let bytes = 0;
      for await (const piece of socket) bytes += (piece as Buffer).length;
      assert.ok(bytes < file.bytes * file.times, `${bytes}`);
    });
});
