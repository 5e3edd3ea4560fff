import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { type Component, createNode, type Node, OrreryError } from "@orrery/core";
import { createJsonCaller } from "@orrery/http";
import { parseAppFile } from "../apps/parse-app-file.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { writeForeignFile } from "./system-foreign-file.ts";

const PROTO = `syntax = "proto3";
package greeter.v1;
import "common/names.proto";
service Greeter {
  rpc SayHello(common.Named) returns (Said);
  rpc GetGuest(common.Named) returns (Said);
  rpc Fail(common.Named) returns (Said);
  rpc Die(common.Named) returns (Said);
  rpc Count(common.Named) returns (stream Said);
}
message Said { string text = 1; int64 visits = 2; }
`;
const NAMES = `syntax = "proto3";\npackage common;\nmessage Named { string name = 1; repeated string tags = 2; }\n`;

/** A program of Python that knows nothing of Orrery. */
const SERVE = `
import json, os, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args): pass
    def answer(self, status, body, kind="application/json"):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        if url.path == "/healthz": return self.answer(200, "ok")
        tags = ",".join(urllib.parse.parse_qs(url.query).get("tags", []))
        guest = urllib.parse.unquote(url.path.removeprefix("/guests/"))
        self.answer(200, json.dumps({"text": f"{guest}:{tags}:{self.headers['Orrery-Agent']}"}))
    def do_POST(self):
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = said.get("name", "")
        if self.path == "/hello": return self.answer(200, json.dumps({"text": f"Hello, {name}!", "visits": 9007199254740993, "more": 1}))
        if self.path == "/Count": return self.answer(200, "".join(json.dumps({"text": str(at)}) + "\\n" for at in range(3)), "application/x-ndjson")
        if self.path == "/Die": os._exit(3)
        if name == "plain": return self.answer(200, "no JSON")
        if name == "misfit": return self.answer(200, '{"text": 1}')
        self.answer(int(name), json.dumps({"message": "it has its reasons"}))

open("pid", "w").write(str(os.getpid()))
ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
`;

const folder = mkdtempSync(join(tmpdir(), "orrery-foreign-test-"));
const write = (name: string, text: string) => {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
};
write("greeter.proto", PROTO);
write("common/names.proto", NAMES);
write("serve.py", SERVE);
after(() => rmSync(folder, { recursive: true, force: true }));

const yaml = (more: string) =>
  parseAppFile(`components:\n  Greeter: { proto: greeter.proto, ${more} }\n`, { file: "orrery.yaml" });

/** Loads what stands for a program, as processes do, and serves it. */
async function serve(
  more: string,
): Promise<{ readonly node: Node; readonly ask: (method: string, name?: unknown) => Promise<unknown> }> {
  const [part] = yaml(more).components;
  assert.ok(part);
  const { path, name } = await writeForeignFile(part, { folder, into: join(folder, ".orrery", "foreign") });
  assert.equal(name, "greeter.v1.Greeter");
  const { default: component } = (await import(`${pathToFileURL(path)}?${more.length}`)) as {
    readonly default: Component;
  };
  const node = createNode({ components: [component] });
  await node.start();
  const caller = createJsonCaller({ node, services: [component.service] });
  const ask = async (method: string, body: unknown = {}) => {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    const reply = await caller.call({ component: name, method }, bytes, { agent: "demo.test:users:ann" });
    return JSON.parse(new TextDecoder().decode(reply)) as unknown;
  };
  return { node, ask };
}

describe("a program of Python", () => {
  let served: Awaited<ReturnType<typeof serve>>;
  before(async () => {
    const methods = 'methods: { SayHello: POST /hello, getGuest: "GET /guests/{name}" }';
    served = await serve(`exec: [python3, serve.py], health: /healthz, ${methods}`);
  });
  after(() => served?.node.stop());
  const pid = () => Number(readFileSync(join(folder, "pid"), "utf8"));

  it("is started, told where to listen, and called by its contract, with exact numbers", async () => {
    assert.deepEqual(await served.ask("SayHello", { name: "Ann" }), {
      text: "Hello, Ann!",
      visits: "9007199254740993",
    });
  });

  it("gets fields as places and in the query, and is told who asks", async () => {
    const said = await served.ask("getGuest", { name: "Bo b/c", tags: ["x", "y"] });
    assert.deepEqual(said, { text: "Bo b/c:x,y:demo.test:users:ann" });
    await expectRefusal(served.ask("getGuest", {}), "invalid_argument", '"name" is empty');
  });

  for (const [name, code, text] of [
    ["400", "invalid_argument", "it has its reasons"],
    ["404", "not_found", "it has its reasons"],
    ["429", "resource_exhausted", "it has its reasons"],
    ["503", "unavailable", "it has its reasons"],
    ["500", "internal", "it has its reasons"],
    ["plain", "internal", "is no JSON"],
    ["misfit", "internal", "does not fit"],
  ] as const)
    it(`has its answer ${name} told as ${code}`, async () => {
      await expectRefusal(served.ask("Fail", { name }), code, text);
    });

  it("is refused what its contract does not have before it is asked", async () => {
    await expectRefusal(served.ask("SayHello", { name: 1 }), "invalid_argument");
  });

  it("streams lines of JSON", async () => {
    const { service } = served.node.components()[0]?.component ?? assert.fail("it serves nothing");
    const items: unknown[] = [];
    for await (const item of (
      served.node.client(service) as never as { count(of: object): AsyncIterable<{ text: string }> }
    ).count({}))
      items.push(item.text);
    assert.deepEqual(items, ["0", "1", "2"]);
  });

  it("is started again when it ends, and ends with what stands for it", async () => {
    const before = pid();
    await expectRefusal(served.ask("Die"), "unavailable").catch((error: unknown) => {
      if (!(error instanceof OrreryError) && !(error instanceof assert.AssertionError)) throw error;
    });
    const ask = async (): Promise<unknown> =>
      served.ask("SayHello", { name: "Bob" }).catch(() => new Promise((resolve) => setImmediate(resolve)).then(ask));
    assert.deepEqual(await ask(), { text: "Hello, Bob!", visits: "9007199254740993" });
    const now = pid();
    assert.notEqual(now, before);
    await served.node.stop();
    assert.equal(existsSync(`/proc/${now}`), false);
  });
});

describe("a server of Connect that runs elsewhere", () => {
  it("is called by its contract, and its errors are its callers'", async () => {
    const [part] = yaml("connect: 'http://127.0.0.1:1'").components;
    assert.ok(part);
    const { path } = await writeForeignFile(part, { folder, into: join(folder, ".orrery", "foreign") });
    const base64 = /"descriptors":"([^"]+)"/.exec(readFileSync(path, "utf8"))?.[1] ?? "";
    const service = createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(base64, "base64"))).getService(
      "greeter.v1.Greeter",
    );
    assert.ok(service);
    const handlers = {
      sayHello: ({ name }: { name: string }) => ({ text: `Connected, ${name}` }),
      fail: () => {
        throw new ConnectError("not today", Code.ResourceExhausted);
      },
    };
    const server = createServer(
      connectNodeAdapter({ routes: (router) => void router.service(service, handlers as never) }),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { node, ask } = await serve(`connect: 'http://127.0.0.1:${port}'`);
    try {
      assert.deepEqual(await ask("SayHello", { name: "Ann" }), { text: "Connected, Ann" });
      await expectRefusal(ask("Fail"), "resource_exhausted", "not today");
    } finally {
      await node.stop();
      server.closeAllConnections();
      server.close();
    }
  });
});

describe("a foreign component", () => {
  const refused = (more: string, text: RegExp, upstreams?: readonly string[]) =>
    assert.throws(
      () =>
        parseAppFile(`components:\n  Greeter: { ${more} }\n`, { file: "orrery.yaml", ...(upstreams && { upstreams }) }),
      text,
    );

  it("is refused where it does not fit together, with its line", () => {
    refused("instances: 2", /orrery\.yaml:2:\d+: "components\.Greeter" has no path/);
    refused("path: a.ts, exec: [x]", /"components\.Greeter\.exec" stands beside path/);
    refused("exec: [x]", /"components\.Greeter" has no proto/);
    refused("path: a.ts, health: /x", /"components\.Greeter\.health" is for foreign programs/);
    refused("connect: 'http://h', proto: a.proto, methods: { A: POST /a }", /methods" is for programs called by http/);
    refused("http: 'http://u:p@h', proto: a.proto", /has a password/);
    refused("exec: [x], proto: ../a.proto", /outside of this file's folder/);
    refused("http: 'http://10.0.0.1:80', proto: a.proto", /an operator must allow it first/, ["10.0.0.2:80"]);
  });

  it("is refused where its contract is wrong, or has no such service", async () => {
    const into = join(folder, ".orrery", "foreign");
    const part = (name: string, path: string, methods = {}) => {
      const foreign = { protocol: "http", url: undefined, exec: ["x"], methods, health: undefined } as const;
      return writeForeignFile({ name, path, instances: undefined, foreign }, { folder, into });
    };
    await expectRefusal(part("Other", "greeter.proto"), "failed_precondition", "it has greeter.v1.Greeter");
    await expectRefusal(part("Greeter", "greeter.proto", { Nope: "GET /" }), "failed_precondition", 'no method "Nope"');
    write("bad/bad.proto", 'syntax = "proto3";\nservice Bad { rpc X(Nothing) returns (Nothing); }\n');
    await expectRefusal(part("Bad", "bad/bad.proto"), "failed_precondition", "bad/bad.proto:2:21:");
    rmSync(join(folder, "bad"), { recursive: true });
  });
});
