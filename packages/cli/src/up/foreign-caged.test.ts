import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createHttp2, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { curl } from "../testing/curl.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

const PROTO = (name: string) => `syntax = "proto3";
package ${name}.v1;
service Greeter { rpc SayHello(SayHelloRequest) returns (SayHelloResponse); }
message SayHelloRequest { string name = 1; }
message SayHelloResponse { string text = 1; }
`;
/** Tells which of some addresses it can reach by itself, and what it is told of its neighbours. */
const PROBE = `
import { connect } from "node:net";
import { defineComponent, defineService, json } from "@orrery/core";
const Probe = defineService("test.probe", { reach: { request: json<{ ports: number[] }>(), reply: json<{ reached: number[] }>() } });
const tryPort = (port: number) => new Promise<number[]>((resolve) => {
  const socket = connect({ host: "127.0.0.1", port });
  socket.once("connect", () => { socket.destroy(); resolve([port]); });
  socket.once("error", () => resolve([]));
});
export default defineComponent(Probe, () => ({ reach: async ({ ports }) => ({ reached: (await Promise.all(ports.map(tryPort))).flat() }) }));
`;
/** A message of one text, as protobuf writes it, and as gRPC frames it. */
const said = (text: string) => Buffer.concat([Uint8Array.of(10, text.length), Buffer.from(text)]);
const framed = (message: Uint8Array) => Buffer.concat([Uint8Array.of(0, 0, 0, 0, message.length), message]);

describe("foreign programs elsewhere, of an app in a cage", () => {
  let up: TestUp;
  const cwd = mkdtempSync(join(tmpdir(), "orrery-foreign-caged-"));
  const closing: { close(): unknown }[] = [];
  const ports: Record<string, number> = {};
  const opened = async (name: string, server: Pick<Server, "listen" | "address" | "close" | "once">) => {
    server.listen(0, "127.0.0.1");
    await once(server as never, "listening");
    closing.push(server);
    ports[name] = (server.address() as AddressInfo).port;
  };
  before(async () => {
    const byHttp = (prefix: string) =>
      createServer(async (asked, answer) => {
        let text = "";
        for await (const piece of asked) text += String(piece);
        answer.setHeader("content-type", "application/json");
        answer.end(JSON.stringify({ text: `${prefix} ${(JSON.parse(text || "{}") as { name?: string }).name ?? ""}` }));
      });
    await opened("plain", byHttp("plain"));
    await opened("other", byHttp("other"));
    const connect = createServer(async (asked, answer) => {
      for await (const _ of asked); // What it says does not matter.
      answer.setHeader("content-type", String(asked.headers["content-type"]));
      const isJson = String(asked.headers["content-type"]).includes("json");
      answer.end(isJson ? '{"text":"by Connect"}' : said("by Connect"));
    });
    await opened("connect", connect);
    const grpc = createHttp2();
    grpc.on("stream", (stream: ServerHttp2Stream) => {
      stream.resume();
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(framed(said("by gRPC")));
    });
    await opened("grpc", grpc as never);
    chmodSync(cwd, 0o755);
    const named = ["plain", "connect", "grpc"].map((name) => `127.0.0.1:${ports[name]}`);
    up = await openTestUp({ cwd, upstreams: named, isolation: "cage" });
  });
  after(async () => {
    await up?.[Symbol.asyncDispose]();
    for (const server of closing) server.close();
    rmSync(cwd, { recursive: true, force: true });
  });

  it("are called by http, connect and grpc, and nothing else is reached from there", async () => {
    const app = join(cwd, "app");
    mkdirSync(app);
    for (const name of ["plain", "conn", "rpc"]) writeFileSync(join(app, `${name}.proto`), PROTO(name));
    writeFileSync(join(app, "probe.ts"), PROBE);
    writeFileSync(
      join(app, "orrery.yaml"),
      `components:
  plain.v1.Greeter: { http: "http://127.0.0.1:${ports["plain"]}/api", proto: plain.proto }
  conn.v1.Greeter: { connect: "http://127.0.0.1:${ports["connect"]}", proto: conn.proto }
  rpc.v1.Greeter: { grpc: "http://127.0.0.1:${ports["grpc"]}", proto: rpc.proto }
  probe: probe.ts
`,
    );
    await up.done("create demo.test<Space>");
    await up.done("run app --space=demo.test --name=app --wait=60s");
    await up.done("auth grant execute on demo.test:app to anyone");
    for (const [name, text] of [
      ["plain", "plain Ann"],
      ["conn", "by Connect"],
      ["rpc", "by gRPC"],
    ]) {
      const sent = await up.done(`send demo.test:app ${name}.v1.Greeter/SayHello '{"name":"Ann"}'`);
      assert.deepEqual(JSON.parse(sent), { text });
      const answer = await curl(`${up.web}/${name}.v1.Greeter/SayHello`, "demo.test", ["--json", '{"name":"Ann"}']);
      assert.deepEqual([answer.status, JSON.parse(answer.body)], [200, { text }]);
    }
    const all = JSON.stringify({ ports: Object.values(ports) });
    const reached = await up.done(`send demo.test:app test.probe/reach '${all}'`);
    assert.deepEqual(JSON.parse(reached), { reached: [] });
  });
});
