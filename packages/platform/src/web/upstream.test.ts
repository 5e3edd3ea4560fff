import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  request as requestHttp,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { request } from "undici";
import { WebSocket, WebSocketServer } from "ws";
import { curl } from "../testing/curl.ts";
import { OPERATOR, openWeb, type TestWeb } from "../testing/open-web.ts";
import { createWebServer } from "./system-web-server.ts";

/** A server behind: it says what it got, and does what the path asks. */
function answerBehind(incoming: IncomingMessage, outgoing: ServerResponse, hung: ServerResponse[]): void {
  const { url = "", method, rawHeaders } = incoming;
  if (url.startsWith("/hang")) return void hung.push(outgoing);
  if (url.startsWith("/stall")) {
    outgoing.writeHead(200, { "content-length": "100" });
    outgoing.write("begun");
    return void hung.push(outgoing);
  }
  if (url.startsWith("/cut")) {
    outgoing.writeHead(200, { "content-length": "100" });
    outgoing.write("begun", () => outgoing.destroy());
    return;
  }
  if (url.startsWith("/away")) return void outgoing.writeHead(302, { location: "http://elsewhere.test/" }).end();
  if (url.startsWith("/nothing")) return void outgoing.writeHead(204).end();
  if (url.startsWith("/long")) {
    outgoing.writeHead(200, { "content-type": "application/octet-stream" });
    for (let n = 0; n < 64; n++) outgoing.write(Buffer.alloc(65_536, n));
    return void outgoing.end();
  }
  const pieces: Buffer[] = [];
  incoming.on("data", (piece: Buffer) => pieces.push(piece));
  incoming.on("end", () => {
    outgoing.writeHead(
      200,
      "Fine",
      [
        ["content-type", "application/json"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["connection", "x-private"],
        ["x-private", "hop"],
        ["keep-alive", "timeout=9"],
        ["x-own", "theirs"],
      ].flat(),
    );
    outgoing.end(JSON.stringify({ method, url, headers: rawHeaders, body: Buffer.concat(pieces).length }));
  });
}

describe("upstreams of a space", () => {
  let web: TestWeb;
  let behind: Server;
  let sockets: WebSocketServer;
  const hung: ServerResponse[] = [];
  before(async () => {
    behind = createServer((incoming, outgoing) => answerBehind(incoming, outgoing, hung));
    sockets = new WebSocketServer({ noServer: true });
    behind.on("upgrade", (incoming, socket, head) => {
      if (incoming.url?.startsWith("/closed") === true)
        return void socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\n\r\nclosed");
      if (incoming.url?.startsWith("/hang") === true) return;
      sockets.handleUpgrade(incoming, socket, head, (one) => {
        one.send(`hello ${incoming.url} ${incoming.headers["x-forwarded-host"]}`);
        one.on("message", (data, isBinary) => one.send(data, { binary: isBinary }));
      });
    });
    behind.listen(0, "127.0.0.1");
    await once(behind, "listening");
    const { port } = behind.address() as AddressInfo;
    const deaf = createTcpServer((socket) => socket.end("this is no HTTP\r\n\r\n")).listen(0, "127.0.0.1");
    await once(deaf, "listening");
    const deafPort = (deaf.address() as AddressInfo).port;
    web = await openWeb({ upstreams: [port, deafPort, 1].map((one) => `127.0.0.1:${one}`) });
    await web.space(
      "demo.test",
      `
timeout: 5s
routes:
  - { path: '/api/{rest*}', upstream: 'http://127.0.0.1:${port}/{rest}', body: 100kB, headers: { X-Own: ours } }
  - { path: '/fixed', upstream: 'http://127.0.0.1:${port}/other?key=1' }
  - { path: '/quick/{rest*}', upstream: 'http://127.0.0.1:${port}/{rest}', timeout: 200ms }
  - { path: '/gone', upstream: 'http://127.0.0.1:1/' }
  - { path: '/deaf', upstream: 'http://127.0.0.1:${deafPort}/' }
  - { path: '/few', upstream: 'http://127.0.0.1:${port}/', rate: { perSecond: 0.001, burst: 2 } }
  - { path: '/page', redirect: /api/ }
`,
    );
    deaf.unref();
  });
  after(async () => {
    for (const one of hung) one.destroy();
    await web[Symbol.asyncDispose]();
    sockets.close();
    behind.closeAllConnections();
    behind.close();
  });
  const get = (path: string, more: readonly string[] = []) => curl(`${web.url}${path}`, "demo.test", more);
  const told = async (path: string, more: readonly string[] = []) => {
    const { body } = await get(path, more);
    const { headers, ...rest } = JSON.parse(body) as { headers: string[]; method: string; url: string; body: number };
    const fields = new Headers();
    for (let at = 0; at < headers.length; at += 2) fields.append(headers[at] ?? "", headers[at + 1] ?? "");
    return { ...rest, fields };
  };

  it("get method, path, query and body, and who asks", async () => {
    const { method, url, body, fields } = await told("/api/a%2Fb/c?x=1&y=%20", [
      ...["-X", "PUT", "-d", "hello", "-H", "X-Mine: 1", "-H", "Connection: x-secret", "-H", "X-Secret: 1"],
      ...["-H", "X-Forwarded-For: 9.9.9.9", "-H", "TE: trailers", "-H", "Proxy-Authorization: x", "-H", "Cookie: a=1"],
    ]);
    assert.deepEqual({ method, url, body }, { method: "PUT", url: "/a%2Fb/c?x=1&y=%20", body: 5 });
    assert.equal(fields.get("x-mine"), "1");
    assert.equal(fields.get("cookie"), "a=1");
    assert.equal(fields.get("x-forwarded-for"), "127.0.0.1");
    assert.equal(fields.get("x-forwarded-host"), "demo.test");
    assert.equal(fields.get("x-forwarded-proto"), "http");
    assert.match(fields.get("host") ?? "", /^127\.0\.0\.1:/);
    for (const name of ["x-secret", "te", "proxy-authorization"]) assert.equal(fields.get(name), null, name);
    assert.equal((await told("/fixed?more=2")).url, "/other?key=1&more=2");
  });

  it("are heard without what is between two neighbours only", async () => {
    const { status, headers } = await get("/api/");
    assert.equal(status, 200);
    assert.deepEqual(headers.getSetCookie(), ["a=1", "b=2"]);
    assert.equal(headers.get("x-private"), null);
    assert.notEqual(headers.get("keep-alive"), "timeout=9");
    assert.equal(headers.get("x-own"), "ours");
    assert.equal((await get("/api/", ["-I"])).body, "");
    const away = await get("/api/away");
    assert.deepEqual([away.status, away.headers.get("location")], [302, "http://elsewhere.test/"]);
    const nothing = await get("/api/nothing");
    assert.deepEqual([nothing.status, nothing.headers.get("content-length")], [204, null]);
    const long = await get("/api/long");
    assert.equal(long.body.length, 64 * 65_536);
  });

  it("take no longer body than the route says, whether it is announced or not", async () => {
    const body = "x".repeat(100_000);
    assert.equal((await told("/api/", ["-d", body])).body, 100_000);
    assert.equal((await told("/api/", ["-H", "Transfer-Encoding: chunked", "-d", body])).body, 100_000);
    const announced = await get("/api/", ["-d", `${body}x`]);
    assert.equal(announced.status, 413);
    assert.match(announced.body, /more than 100000 bytes/);
    assert.equal((await get("/api/", ["-H", "Transfer-Encoding: chunked", "-d", `${body}x`])).status, 413);
    assert.equal((await get("/api/", ["-H", "Expect:", "-d", "x".repeat(20_000_000 / 200)])).status, 200);
  });

  it("that do not answer are told as 502 and 504", async () => {
    assert.equal((await get("/gone")).status, 502);
    assert.equal((await get("/deaf")).status, 502);
    assert.equal((await get("/quick/hang")).status, 504);
    assert.equal((await get("/page")).status, 308);
  });

  it("that stop in the middle have their answer cut off, not ended", async () => {
    for (const path of ["/api/cut", "/quick/stall"]) {
      const { body } = await request(`${web.url}${path}`, { headers: { host: "demo.test" } });
      await assert.rejects(body.text(), path);
    }
  });

  it("are not asked more often than the rate says", async () => {
    assert.equal((await get("/few")).status, 200);
    assert.equal((await get("/few")).status, 200);
    const third = await get("/few");
    assert.equal(third.status, 429);
    const seconds = Number(third.headers.get("retry-after"));
    assert.ok(seconds > 100 && seconds <= 1_000, `${seconds}`);
  });

  it("are left when the visitor leaves", async () => {
    const before = hung.length;
    const asking = requestHttp(`${web.url}/api/hang`, { headers: { host: "demo.test" } }).on("error", () => undefined);
    asking.end();
    while (hung.length === before) await new Promise((resolve) => setImmediate(resolve));
    const closed = once(hung.at(-1) as ServerResponse, "close");
    asking.destroy();
    await closed;
  });

  it("have WebSockets passed on, both ways", async () => {
    const { client, messages } = openSocket("/api/chat?room=1");
    assert.equal(await messages.next(), "hello /chat?room=1 demo.test");
    client.send("there");
    assert.equal(await messages.next(), "there");
    const large = Buffer.alloc(300_000, 7);
    client.send(large);
    assert.deepEqual(await messages.next(), large);
    const closed = once(client, "close");
    for (const one of sockets.clients) one.close(4001, "enough");
    assert.equal((await closed)[0], 4001);
  });

  function openSocket(path: string) {
    const url = `${web.url.replace("http", "ws")}${path}`;
    const client = new WebSocket(url, { headers: { host: "demo.test" } });
    const got: unknown[] = [];
    let wake = () => {};
    client.on("message", (data: Buffer, isBinary) => {
      got.push(isBinary ? data : data.toString());
      wake();
    });
    const next = async () => {
      while (got.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return got.shift();
    };
    return { client, messages: { next } };
  }

  it("that nobody named are refused where a bind is set, and never asked", async () => {
    await web.file("demo.test:cfg:/near.yaml", "routes:\n  - path: /\n    upstream: http://127.1:22/\n");
    await assert.rejects(
      web.registry.change({ address: "demo.test", properties: { bind: ".:cfg:/near.yaml" } }, OPERATOR),
      (error: Error) =>
        error.message.includes(
          'demo.test:cfg:/near.yaml:3:15: "routes[0].upstream" is at 127.0.0.1:22, where no bind may lead: an operator must allow it first',
        ),
    );
    await using strict = createWebServer({ registry: web.registry, blobs: web.blobs });
    const url = await strict.listen();
    let asked = 0;
    const count = () => asked++;
    behind.on("connection", count);
    assert.equal((await curl(`${url}/api/`, "demo.test")).status, 502);
    assert.match(await upgrade("/api/chat", "websocket", url), /^HTTP\/1\.1 502 /);
    assert.equal((await curl(`${url}/page`, "demo.test")).status, 308);
    behind.off("connection", count);
    assert.equal(asked, 0);
  });

  it("that refuse a WebSocket, or hang, are told as that", async () => {
    assert.match(await upgrade("/api/closed"), /^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*closed$/);
    assert.match(await upgrade("/quick/hang"), /^HTTP\/1\.1 504 /);
    assert.match(await upgrade("/gone"), /^HTTP\/1\.1 502 /);
    assert.match(await upgrade("/page"), /^HTTP\/1\.1 400 /);
    assert.match(await upgrade("/none"), /^HTTP\/1\.1 404 /);
    assert.match(await upgrade("/page", "h2c"), /^HTTP\/1\.1 308 /);
  });

  /** What comes back when a connection wants to be another. */
  async function upgrade(path: string, to = "websocket", url = web.url): Promise<string> {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    const key = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13";
    socket.write(`GET ${path} HTTP/1.1\r\nhost: demo.test\r\nconnection: upgrade\r\nupgrade: ${to}\r\n${key}\r\n\r\n`);
    let text = "";
    for await (const piece of socket) {
      text += String(piece);
      if (to !== "websocket" && text.includes("</html>")) break;
      if (to !== "websocket" && text.includes("\r\n\r\n")) break;
    }
    socket.destroy();
    return text;
  }
});
