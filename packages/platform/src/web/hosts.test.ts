import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { curl } from "../testing/curl.ts";
import { OPERATOR, openWeb, type TestWeb } from "../testing/open-web.ts";
import { createWebServer } from "./system-web-server.ts";

const redirectTo = (path: string) => `routes:\n  - { path: /, redirect: ${path} }\n`;

describe("spaces by their hosts", () => {
  let web: TestWeb;
  before(async () => {
    web = await openWeb();
  });
  after(() => web[Symbol.asyncDispose]());
  const get = async (host: string, more: readonly string[] = []) => {
    const { status, headers, body } = await curl(`${web.url}/`, host, more);
    return { status, location: headers.get("location"), body };
  };
  const statusOf = async (space: string) => (await web.registry.get(space, OPERATOR)).status;

  it("are told when they are missing, and when their bind is", async () => {
    const missing = await get("demo.test");
    assert.equal(missing.status, 404);
    assert.match(missing.body, /There is no space \\"demo.test\\" here/);
    await web.registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    const unbound = await get("demo.test");
    assert.equal(unbound.status, 404);
    assert.match(unbound.body, /The space \\"demo.test\\" has no bind/);
    await web.registry.remove({ address: "demo.test" }, OPERATOR);
    assert.match((await get("demo.test")).body, /There is no space/);
  });

  it("answer differently, by dotted names, ports and mixed case", async () => {
    await web.space("one.test", redirectTo("/one"));
    await web.space("www.two.test", redirectTo("/two"));
    await web.space("solo", redirectTo("/solo"));
    for (const [host, location] of [
      ["one.test", "/one"],
      ["One.TEST", "/one"],
      ["one.test:8080", "/one"],
      ["one.test.", "/one"],
      ["www.two.test", "/two"],
      ["WWW.two.test:80", "/two"],
      ["solo", "/solo"],
      ["two.test", null],
      ["[::1]:80", null],
      ["one.test.evil", null],
    ] as const)
      assert.deepEqual((await get(host)).location, location, host);
    const absolute = await curl(web.url, "one.test", ["--request-target", "http://www.two.test/"]);
    assert.equal(absolute.headers.get("location"), "/two");
  });

  it("refuse a bind with a mistake where it is set, and keep the one before", async () => {
    await web.file("one.test:cfg:/bad.yaml", "routes:\n  - path: /\n    redirct: /x\n");
    const refused = await web.registry
      .change({ address: "one.test", properties: { bind: "one.test:cfg:/bad.yaml" } }, OPERATOR)
      .then(() => undefined)
      .catch((error: unknown) => error);
    assert.ok(isOrreryError(refused) && refused.code === "invalid_argument");
    assert.ok(
      refused.message.includes(
        'one.test:cfg:/bad.yaml:3:5: there is no "routes[0].redirct": did you mean "redirect"?\n        redirct: /x\n        ^',
      ),
      refused.message,
    );
    for (const [bind, says] of [
      ["one.test:cfg:/none.yaml", 'there is no "one.test:cfg:/none.yaml"'],
      ["one.test:cfg", "it is a FileSystem without content, name a file of YAML"],
      ["one.test:cfg:[latest]:/a", 'there is no "one.test:cfg:[latest]:/a"'],
      ["One", "capitals are not allowed"],
    ] as const)
      await assert.rejects(
        web.registry.change({ address: "one.test", properties: { bind } }, OPERATOR),
        (error: Error) => error.message.includes(says),
      );
    await assert.rejects(
      web.registry.create(
        { address: "new.test", kind: "Space", properties: { bind: "one.test:cfg:/bad.yaml" } },
        OPERATOR,
      ),
      /did you mean/,
    );
    assert.equal((await get("one.test")).location, "/one");
    assert.equal((await web.registry.get("one.test", OPERATOR)).properties["bind"], "one.test:cfg:/bind.yaml");
  });

  it("may not be bound to what whoever binds may not read", async () => {
    const ann = "one.test:ann";
    await web.registry.create({ address: "ann.test", kind: "Space", owner: ann }, OPERATOR);
    const stolen = web.registry.change(
      { address: "ann.test", properties: { bind: "one.test:cfg:/bad.yaml" } },
      { agent: ann },
    );
    await assert.rejects(stolen, (error: Error) => isOrreryError(error) && error.code === "permission_denied");
  });

  it("keep the good bind when its file is spoilt or removed, say so, and take the next good one", async () => {
    await web.file("one.test:cfg:/bind.yaml", "routes: [\n");
    assert.equal((await get("one.test")).location, "/one");
    const { state, reason } = await statusOf("one.test");
    assert.equal(state, "Ready");
    assert.match(reason ?? "", /one\.test:cfg:\/bind\.yaml:\d+:\d+: /);
    assert.match(web.web.binds().find(({ space }) => space === "one.test")?.fault ?? "", /bind\.yaml/);
    assert.ok(web.log.some(({ level, fields }) => level === "error" && fields["space"] === "one.test"));
    await web.registry.remove({ address: "one.test:cfg:/bind.yaml" }, OPERATOR);
    assert.equal((await get("one.test")).location, "/one");
    assert.match((await statusOf("one.test")).reason ?? "", /there is no "one\.test:cfg:\/bind\.yaml"/);
    await web.file("one.test:cfg:/bind.yaml", redirectTo("/better"));
    assert.equal((await get("one.test")).location, "/better");
    assert.equal((await statusOf("one.test")).reason, undefined);
  });

  it("keep the good bind over a restart of the web server", async () => {
    await web.file("one.test:cfg:/bind.yaml", "routes: nothing\n");
    assert.equal((await get("one.test")).location, "/better");
    await using second = createWebServer({ registry: web.registry, blobs: web.blobs });
    const url = await second.listen();
    assert.equal((await curl(`${url}/`, "one.test")).headers.get("location"), "/better");
    await web.file("one.test:cfg:/bind.yaml", redirectTo("/again"));
    assert.equal((await curl(`${url}/`, "one.test")).headers.get("location"), "/again");
  });

  it("serve nothing while they are suspended, and are as before when they are not", async () => {
    await web.space("unpaid.test", redirectTo("/in"));
    assert.equal((await get("unpaid.test")).location, "/in");
    await web.registry.change({ address: "unpaid.test", properties: { suspended: "invoice 7 is open" } }, OPERATOR);
    const { status, body } = await get("unpaid.test");
    assert.equal(status, 503);
    assert.match(body, /The space \\"unpaid.test\\" is suspended/);
    assert.doesNotMatch(body, /invoice/);
    await web.registry.change({ address: "unpaid.test", properties: { suspended: undefined } }, OPERATOR);
    assert.equal((await get("unpaid.test")).location, "/in");
  });

  it("have no bind any more when it is taken away", async () => {
    await web.registry.change({ address: "one.test", properties: { bind: undefined } }, OPERATOR);
    assert.match((await get("one.test")).body, /has no bind/);
  });

  it("follow the tag of a bind in a bundle", async () => {
    await web.registry.create({ address: "www.two.test:rules", kind: "BundleSeries" }, OPERATOR);
    for (const version of ["1.0.0", "2.0.0"]) {
      await web.registry.apply([{ create: { address: `www.two.test:rules:${version}`, kind: "Bundle" } }], OPERATOR);
      await web.file(`www.two.test:rules:${version}:/bind.yaml`, redirectTo(`/${version}`));
    }
    const tag = { address: "www.two.test:rules:[live]", kind: "Tag", properties: { version: "1.0.0" } };
    await web.registry.create(tag, OPERATOR);
    await web.registry.change({ address: "www.two.test", properties: { bind: ".:rules:[live]:/bind.yaml" } }, OPERATOR);
    assert.equal((await get("www.two.test")).location, "/1.0.0");
    await web.registry.change({ address: tag.address, properties: { version: "2.0.0" } }, OPERATOR);
    assert.equal((await get("www.two.test")).location, "/2.0.0");
  });

  it("redirect with the query, never to a host that the visitor names", async () => {
    await web.file(
      "solo:cfg:/bind.yaml",
      "routes:\n  - { path: '/{rest*}', redirect: { to: '/{rest}', status: 302 } }\n",
    );
    const to = async (path: string) => (await curl(`${web.url}${path}`, "solo")).headers.get("location");
    assert.equal(await to("/a/b?x=1"), "/a/b?x=1");
    assert.equal(await to("//evil.test/"), "/evil.test/");
    assert.equal(await to("///evil.test/"), "/evil.test/");
  });
});
