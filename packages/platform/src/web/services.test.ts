import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { createNode, defineComponent, defineService, type Node, OrreryError } from "@orrery/core";
import { createJsonCaller } from "@orrery/http";
import * as z from "zod";
import { curl } from "../testing/curl.ts";
import { OPERATOR, openWeb, type TestWeb } from "../testing/open-web.ts";

const Shop = defineService("shop", {
  order: { request: z.object({ item: z.string(), count: z.number() }), reply: z.object({ total: z.number() }) },
  whoAmI: { request: z.object({}), reply: z.object({ agent: z.string() }) },
  fail: { request: z.object({ how: z.string() }), reply: z.object({}) },
});

const shop = defineComponent(Shop, () => ({
  order: async ({ count }) => ({ total: count * 3 }),
  whoAmI: async (_, { agent }) => ({ agent }),
  fail: async ({ how }, { clock }) => {
    if (how === "late") await clock.sleep(3_000);
    if (how === "missing") throw new OrreryError("not_found", "Cannot find it: there is none");
    throw new Error("SECRET of the service");
  },
}));

const BIND = `
timeout: 10s
routes:
  - { path: /order, service: shop/order, body: 1kB }
  - { path: /who, service: shop/whoAmI }
  - { path: /fail, service: shop/fail, timeout: 300ms }
  - { path: /no, service: shop/nothing }
  - { path: '/files/{rest*}', files: '.:files:/{rest}' }
  - { path: '/again/{rest*}', files: '.:again:/{rest}' }
`;

describe("services of a space", () => {
  let web: TestWeb;
  let node: Node;
  before(async () => {
    node = createNode({ components: [shop] });
    await node.start();
    web = await openWeb({ caller: createJsonCaller({ node, services: [Shop] }), stallTimeoutMs: 500 });
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
