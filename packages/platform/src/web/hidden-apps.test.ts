import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createNode, defineComponent, defineService, type Node, OrreryError } from "@orrery/core";
import { createJsonCaller } from "@orrery/http";
import * as z from "zod";
import { NO_STAND, servingOf } from "../apps/app-runtime.ts";
import { createAppWeb } from "../apps/app-web.ts";
import { parseAppFile } from "../apps/parse-app-file.ts";
import { curl } from "../testing/curl.ts";
import { OPERATOR, openWeb, type TestWeb } from "../testing/open-web.ts";

const shape = { call: { request: z.object({}), reply: z.object({ from: z.string() }) } };
const [Shop, Twin, Other] = ["one.Shop", "one.Twin", "two.Twin"].map((name) => defineService(name, shape));
const serving = (service: typeof Shop, from: string) =>
  defineComponent(service ?? assert.fail(), () => ({ call: async () => ({ from }) }));

const FILE = `
components: { Shop: shop.ts }
routes:
  - { path: /order, service: one.Shop/call, methods: [PUT] }
  - { path: /open, service: one.Shop/call, cors: "*" }
  - { path: /in, service: one.Shop/call, auth: ".:users" }
`;

describe("apps that are not for whoever asks", () => {
  let web: TestWeb;
  const nodes: Node[] = [];
  let written = 0;
  before(async () => {
    const callers = new Map<string, ReturnType<typeof createJsonCaller>>();
    for (const [app, services] of [
      ["full.test:a", [Shop, Twin]],
      ["full.test:b", [Shop, Other]],
    ] as const) {
      const components = services.map((one) => serving(one, app));
      const node = createNode({ components });
      await node.start();
      nodes.push(node);
      callers.set(app, createJsonCaller({ node, services: services.map((one) => one ?? assert.fail()) }));
    }
    const file = parseAppFile(FILE, { file: "orrery.yaml", in: "full.test" });
    const parts = {
      apps: () => [...callers.keys()],
      stand: (app: string) => {
        const release = { id: app, app, source: "", folder: "", file, secrets: {} };
        return { ...NO_STAND, release, isReady: true, caller: callers.get(app) };
      },
    };
    const views = new Map<string, ReturnType<typeof servingOf>>();
    const runtime = {
      serving: (space: string) => {
        const known = views.get(space) ?? servingOf(space, parts);
        views.set(space, known);
        return known;
      },
    };
    const authenticate = (headers: Pick<Headers, "get">) => {
      if (headers.get("authorization") === "Bearer good") return "full.test:users:ann";
      throw new OrreryError("unauthenticated", "Cannot use the token: it is none");
    };
    const mechtrons = { ask: () => Promise.reject(new Error("there are none")) };
    web = await openWeb({ apps: createAppWeb(runtime, mechtrons), authenticate });
    for (const address of ["full.test", "bare.test"])
      await web.registry.create({ address, kind: "Space", owner: `${address}:users:ann` }, OPERATOR);
  });
  after(async () => {
    await web[Symbol.asyncDispose]();
    for (const node of nodes) await node.stop();
  });
  const ask = async (host: string, path: string, ...more: readonly string[]) => {
    const { status, headers, body } = await curl(`${web.url}${path}`, host, more);
    const fields = [...headers].filter(([name]) => name !== "date" && name !== "content-length");
    return { status, told: JSON.stringify([status, fields, body.replaceAll(host, "SPACE")]) };
  };
  const call = ["-d", "{}", "-H", "Content-Type: application/json"];

  const asks: readonly (readonly string[])[] = [
    ["/one.Shop/call", ...call],
    ["/two.Twin/call", ...call],
    ["/Twin/call", ...call],
    ["/Twin", "-X", "DELETE"],
    ["/order", "-X", "PUT"],
    ["/order"],
    ["/openapi.json"],
    ["/one.Shop/call", "-X", "OPTIONS", "-H", "Origin: https://a.test", "-H", "Access-Control-Request-Method: POST"],
    ["/one.Shop/call", ...call, "-H", "Authorization: Bearer bad"],
  ];
  for (const [path = "", ...more] of asks)
    it(`are answered as where none are, and ask the store, too: ${[path, ...more].join(" ")}`, async () => {
      const asked: number[] = [];
      const told: string[] = [];
      for (const host of ["full.test", "bare.test"]) {
        await web.registry.create({ address: `bare.test:n${++written}`, kind: "Base" }, OPERATOR);
        await ask(host, "/%2e%2e"); // What is known of the Space itself is in memory from now on.
        web.queries();
        told.push((await ask(host, path, ...more)).told);
        asked.push(web.queries());
      }
      assert.equal(told[0], told[1]);
      for (const name of ["Shop", "Twin"]) assert.ok(!told.join().includes(name), told.join());
      const isKnown = !more.includes("Authorization: Bearer bad"); // Else nothing is looked for.
      assert.deepEqual(
        asked.map((count) => count > 0),
        [isKnown, isKnown],
        "apps are asked for all at once, and where there are none, it is asked all the same",
      );
    });

  it("say that they are there where a route says for whom it is", async () => {
    assert.equal((await ask("full.test", "/open", ...call)).status, 403);
    const preflight = ["-X", "OPTIONS", "-H", "Origin: https://a.test", "-H", "Access-Control-Request-Method: POST"];
    assert.equal((await ask("full.test", "/open", ...preflight)).status, 204);
    assert.equal((await ask("full.test", "/in", ...call)).status, 503, "nobody can log in here");
  });

  it("answer whoever may call them, also beside one of which he may not", async () => {
    const answer = await curl(`${web.url}/one.Shop/call`, "full.test", [...call, "-H", "Authorization: Bearer good"]);
    assert.deepEqual(JSON.parse(answer.body), { from: "full.test:a" });
    const properties = { to: "anyone", verbs: "x", on: "full.test:b" };
    await web.registry.create({ address: "full.test:open", kind: "Grant", properties }, OPERATOR);
    const from = async (path: string, method = "POST") =>
      (await curl(`${web.url}${path}`, "full.test", [...call, "-X", method])).body;
    for (const [path, method] of [
      ["/one.Shop/call", "POST"],
      ["/Twin/call", "POST"],
      ["/order", "PUT"],
    ] as const)
      assert.deepEqual(JSON.parse(await from(path, method)), { from: "full.test:b" }, path);
    assert.match(await from("/one.Twin/call"), /There is no such service/);
    assert.match(await from("/order"), /This address answers PUT, not POST/);
  });
});
