import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { request as send } from "undici";
import { curl } from "../testing/curl.ts";
import { OPERATOR, openWeb, type TestWeb } from "../testing/open-web.ts";

const BIND = `
headers: { X-Frame-Options: DENY }
routes:
  - path: /{rest*}
    files: demo.test:site:[latest]:/html/{rest}
  - path: /files/{rest*}
    files: .:files:/{rest}
  - path: /only
    files: .:files:/a.txt
    headers: { X-Only: so, Cache-Control: max-age=60 }
`;

const LONG = "all work and no play makes a dull page\n".repeat(200);
const LARGE = randomBytes(5_000_000);

async function fill(web: TestWeb): Promise<void> {
  const { registry, file } = web;
  await web.space("demo.test", BIND);
  await registry.create({ address: "demo.test:site", kind: "BundleSeries" }, OPERATOR);
  for (const version of ["1.0.0", "1.1.0"]) {
    await registry.apply([{ create: { address: `demo.test:site:${version}`, kind: "Bundle" } }], OPERATOR);
    await file(`demo.test:site:${version}:/html/index.html`, `<h1>${version}</h1>`);
    await file(`demo.test:site:${version}:/html/css/a.css`, LONG);
    await file(`demo.test:site:${version}:/html/docs/index.html`, "docs");
  }
  const tag = { address: "demo.test:site:[latest]", kind: "Tag", properties: { version: "1.0.0" } };
  await registry.create(tag, OPERATOR);
  await registry.create({ address: "demo.test:files", kind: "FileSystem" }, OPERATOR);
  await file("demo.test:files:/a.txt", "0123456789");
  await file("demo.test:files:/å b.txt", "blank");
  await file("demo.test:files:/large.bin", LARGE);
  await file("demo.test:files:/empty.txt", "");
  await file("demo.test:files:/odd.data", "{}", { contentType: "application/x-odd" });
  await web.open("demo.test");
}

describe("files of a space", () => {
  let web: TestWeb;
  before(async () => {
    web = await openWeb();
    await fill(web);
  });
  after(() => web[Symbol.asyncDispose]());
  const get = (path: string, more: readonly string[] = []) => curl(`${web.url}${path}`, "demo.test", more);

  it("are served with their bytes and types", async () => {
    const index = await get("/");
    assert.equal(index.line, "HTTP/1.1 200 OK");
    assert.equal(index.body, "<h1>1.0.0</h1>");
    assert.equal(index.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(index.headers.get("content-length"), "14");
    assert.equal(index.headers.get("x-frame-options"), "DENY");
    assert.ok(index.headers.get("date"));
    assert.match(index.headers.get("etag") ?? "", /^"[0-9a-f]{64}"$/);
    assert.equal((await get("/css/a.css")).headers.get("content-type"), "text/css; charset=utf-8");
    assert.equal((await get("/files/odd.data")).headers.get("content-type"), "application/x-odd");
    assert.equal((await get("/only")).body, "0123456789");
    assert.equal((await get("/files/%C3%A5%20b.txt")).body, "blank");
    const empty = await get("/files/empty.txt");
    assert.deepEqual([empty.status, empty.headers.get("content-length"), empty.body], [200, "0", ""]);
    assert.equal((await get("/files/large.bin")).body, LARGE.toString("latin1"));
    assert.equal((await get("/none.html")).status, 404);
  });

  it("are answered alike when they are asked for again, by each route with its own fields", async () => {
    const etag = (await get("/css/a.css")).headers.get("etag") ?? "";
    const ways = [
      ["/files/a.txt"],
      ["/only"],
      ["/only", "-I"],
      ["/only", "-H", "Range: bytes=2-4"],
      ["/css/a.css"],
      ["/css/a.css", "-H", "Accept-Encoding: gzip"],
      ["/css/a.css", "-H", "Accept-Encoding: br", "-I"],
      ["/css/a.css?a=b", "-H", `If-None-Match: ${etag}`],
      ["/files/large.bin", "-I"],
    ] as const;
    const ask = async ([path, ...more]: readonly [string, ...string[]]) => {
      const { status, headers, body } = await get(path, more);
      headers.delete("date");
      return { status, fields: [...headers], body };
    };
    const first = [];
    for (const way of ways) first.push(await ask(way));
    for (const way of [...ways.keys()].toReversed()) assert.deepEqual(await ask(ways[way] ?? ["/"]), first[way]);
    const [plain, only] = first.map(({ fields }) => new Map(fields));
    assert.deepEqual([plain?.get("x-only"), plain?.get("cache-control")], [undefined, "no-cache"]);
    assert.deepEqual([only?.get("x-only"), only?.get("cache-control")], ["so", "max-age=60"]);
  });

  it("are told by HEAD without their bytes", async () => {
    const head = await get("/files/a.txt", ["-I"]);
    assert.deepEqual([head.status, head.headers.get("content-length"), head.body], [200, "10", ""]);
    assert.equal(head.headers.get("etag"), (await get("/files/a.txt")).headers.get("etag"));
    assert.equal((await get("/files/large.bin", ["-I"])).headers.get("content-length"), "5000000");
  });

  it("are served in part", async () => {
    const range = async (path: string, value: string, more: readonly string[] = []) => {
      const { status, body, headers } = await get(path, ["-H", `Range: ${value}`, ...more]);
      return [status, headers.get("content-range"), headers.get("content-length"), body.slice(0, 20)];
    };
    assert.deepEqual(await range("/files/a.txt", "bytes=0-3"), [206, "bytes 0-3/10", "4", "0123"]);
    assert.deepEqual(await range("/files/a.txt", "bytes=7-"), [206, "bytes 7-9/10", "3", "789"]);
    assert.deepEqual(await range("/files/a.txt", "bytes=-2"), [206, "bytes 8-9/10", "2", "89"]);
    assert.deepEqual(await range("/files/a.txt", "bytes=5-99"), [206, "bytes 5-9/10", "5", "56789"]);
    assert.deepEqual(await range("/files/a.txt", "bytes=0-1,3-4"), [200, null, "10", "0123456789"]);
    assert.deepEqual(await range("/files/a.txt", "bytes=4-2"), [200, null, "10", "0123456789"]);
    const [status, of] = await range("/files/a.txt", "bytes=10-");
    assert.deepEqual([status, of], [416, "bytes */10"]);
    const large = await get("/files/large.bin", ["-H", "Range: bytes=4000000-4000999"]);
    assert.equal(large.body, LARGE.subarray(4_000_000, 4_001_000).toString("latin1"));
    const { headers } = await get("/files/a.txt");
    const etag = headers.get("etag") ?? "";
    const modified = headers.get("last-modified") ?? "";
    assert.deepEqual((await range("/files/a.txt", "bytes=0-0", ["-H", `If-Range: ${etag}`]))[0], 206);
    assert.deepEqual((await range("/files/a.txt", "bytes=0-0", ["-H", `If-Range: ${modified}`]))[0], 206);
    assert.deepEqual((await range("/files/a.txt", "bytes=0-0", ["-H", 'If-Range: "other"']))[0], 200);
  });

  it("are not sent again while they are the same", async () => {
    const first = await get("/files/a.txt");
    const etag = first.headers.get("etag") ?? "";
    const modified = first.headers.get("last-modified") ?? "";
    assert.ok(Math.abs(Date.parse(modified) - Date.now()) < 600_000, modified);
    const status = async (...fields: readonly string[]) =>
      (
        await get(
          "/files/a.txt",
          fields.flatMap((field) => ["-H", field]),
        )
      ).status;
    assert.equal(await status(`If-None-Match: ${etag}`), 304);
    assert.equal(await status(`If-None-Match: "x", W/${etag}`), 304);
    assert.equal(await status("If-None-Match: *"), 304);
    assert.equal(await status('If-None-Match: "x"'), 200);
    assert.equal(await status(`If-Modified-Since: ${modified}`), 304);
    assert.equal(await status("If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"), 200);
    assert.equal(await status('If-None-Match: "x"', `If-Modified-Since: ${modified}`), 200);
    const unchanged = await get("/files/a.txt", ["-H", `If-None-Match: ${etag}`]);
    assert.deepEqual([unchanged.body, unchanged.headers.get("etag")], ["", etag]);
    assert.equal(unchanged.headers.get("content-length"), null);
  });

  it("are compressed where it helps, and each form has its own tag", async () => {
    const plain = await get("/css/a.css");
    assert.deepEqual([plain.body, plain.headers.get("vary")], [LONG, "accept-encoding"]);
    const tags = new Set([plain.headers.get("etag")]);
    for (const [accept, encoding, unpack] of [
      ["gzip", "gzip", gunzipSync],
      ["gzip;q=0.5, br", "br", brotliDecompressSync],
      ["zstd, br;q=0", "zstd", zstdDecompressSync],
      ["*", "br", brotliDecompressSync],
    ] as const) {
      const { headers, body } = await get("/css/a.css", ["-H", `Accept-Encoding: ${accept}`]);
      assert.equal(headers.get("content-encoding"), encoding);
      assert.equal(headers.get("content-length"), String(body.length));
      assert.ok(body.length < LONG.length / 4);
      assert.equal(unpack(Buffer.from(body, "latin1")).toString(), LONG);
      tags.add(headers.get("etag"));
      const again = await get("/css/a.css", [
        "-H",
        `Accept-Encoding: ${accept}`,
        "-H",
        `If-None-Match: ${headers.get("etag")}`,
      ]);
      assert.equal(again.status, 304);
    }
    assert.equal(tags.size, 4);
    for (const [path, accept] of [
      ["/css/a.css", "gzip;q=0, identity"],
      ["/", "gzip"],
      ["/files/large.bin", "gzip"],
    ] as const)
      assert.equal((await get(path, ["-H", `Accept-Encoding: ${accept}`])).headers.get("content-encoding"), null, path);
    const part = await get("/css/a.css", ["-H", "Accept-Encoding: gzip", "-H", "Range: bytes=0-2"]);
    assert.deepEqual([part.status, part.body, part.headers.get("content-encoding")], [206, "all", null]);
    await web.file("demo.test:files:/long.txt", LONG.repeat(400));
    const long = await get("/files/long.txt", ["-H", "Accept-Encoding: gzip"]);
    assert.equal(gunzipSync(Buffer.from(long.body, "latin1")).toString(), LONG.repeat(400));
  });

  it("of a directory are its index, below a slash", async () => {
    assert.equal((await get("/docs/")).body, "docs");
    const bare = await get("/docs?a=1");
    assert.deepEqual([bare.status, bare.headers.get("location")], [308, "/docs/?a=1"]);
    assert.equal((await get("/css/")).status, 404);
    assert.equal((await get("/css")).status, 404);
    assert.equal((await get("/files")).status, 404);
  });

  it("are not reached by ways around", async () => {
    await web.registry.create({ address: "demo.test:secret", kind: "FileSystem" }, OPERATOR);
    await web.file("demo.test:secret:/key.txt", "KEY");
    for (const path of [
      "/../html/index.html",
      "/files/../a.txt",
      "/files/%2e%2e/a.txt",
      "/files/.%2e/a.txt",
      "/files/%2E%2E%2Fa.txt",
      "/files/..%2fa.txt",
      "/files/..%5ca.txt",
      "/files/./a.txt",
      "/files/%2e/a.txt",
      "/files/a.txt%00.html",
      "/files/%00",
      "/files//a.txt",
      "//files/a.txt",
      "/files/%2Fa.txt",
      "/files/%252e%252e/a.txt",
      "/files/..;/a.txt",
      "/files/a.txt/",
      "/files/a.txt/..",
      "/%2e%2e/secret:/key.txt",
      "/files/:/key.txt",
      "/files/secret:/key.txt",
      "/*",
      "/files/**",
    ]) {
      const { status, body } = await get(path);
      assert.equal(status, 404, path);
      assert.ok(!body.includes("0123456789") && !body.includes("KEY"), path);
    }
    assert.equal((await get("/files/%zz")).status, 400);
    assert.equal((await get("/%ff")).status, 400);
  });

  it("answer other methods with 405 and what they take", async () => {
    const posted = await get("/", ["-X", "POST", "-d", "x"]);
    assert.deepEqual([posted.status, posted.headers.get("allow")], [405, "GET, HEAD"]);
    assert.equal((await get("/", ["-X", "OPTIONS"])).status, 405);
    assert.equal((await get("/", ["-X", "TRACE"])).status, 405);
  });

  it("refuse what is too long, and take many header fields", async () => {
    assert.equal((await get(`/${"a".repeat(9_000)}`)).status, 414);
    assert.equal((await get("/", ["-H", `X-Long: ${"a".repeat(40_000)}`])).status, 431);
    const many = Array.from({ length: 150 }, (_, n) => ["-H", `X-${n}: ${n}`]).flat();
    assert.equal((await get("/", many)).status, 200);
  });

  it("ask no database once they were asked for", async () => {
    const paths = ["/", "/css/a.css", "/files/a.txt", "/docs/", "/docs", "/none.html", "/files/none/"];
    for (const path of paths) await get(path);
    web.queries();
    const before = web.blobs.reads();
    for (const path of [...paths, ...paths]) await get(path);
    await get("/", ["-H", "Accept-Encoding: br"]);
    assert.equal(web.queries(), 0);
    assert.equal(web.blobs.reads(), before);
  });

  it("follow a tag at once, and stay where they are by version", async () => {
    const tag = "demo.test:site:[latest]";
    for (const version of ["1.1.0", "1.0.0", "1.1.0"]) {
      await web.registry.change({ address: tag, properties: { version } }, OPERATOR);
      assert.equal(await (await request(web.url)).body.text(), `<h1>${version}</h1>`);
    }
    await web.registry.change({ address: tag, properties: { version: "1.0.0" } }, OPERATOR);
  });

  it("are seen as they are now", async () => {
    const seen = async () => (await request(`${web.url}/files/new.txt`)).body.text();
    assert.match(await seen(), /There is nothing/);
    for (const text of ["one", "two"]) {
      await web.file("demo.test:files:/new.txt", text);
      assert.equal(await seen(), text);
    }
    await web.registry.remove({ address: "demo.test:files:/new.txt" }, OPERATOR);
    assert.match(await seen(), /There is nothing/);
  });

  it("are for those only whom a grant lets see them", async () => {
    await web.registry.remove({ address: "demo.test:public" }, OPERATOR);
    const denied = await get("/files/a.txt");
    const missing = await get("/files/none.txt");
    assert.deepEqual([denied.status, denied.body], [404, missing.body]);
    assert.ok(web.log.some(({ fields }) => fields["file"] === "demo.test:files:/a.txt"));
    const on = { to: "anyone", verbs: "r", on: "demo.test:files:/a.txt" };
    await web.registry.create({ address: "demo.test:one", kind: "Grant", properties: on }, OPERATOR);
    assert.equal((await get("/files/a.txt")).status, 200);
    assert.equal((await get("/files/large.bin")).status, 404);
    await web.open("demo.test");
    assert.equal((await get("/files/large.bin", ["-I"])).status, 200);
  });
});

async function request(url: string) {
  return send(url, { headers: { host: "demo.test" } });
}
