import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { splitScript } from "../resources/split-line.ts";
import { curl } from "../testing/curl.ts";
import { type } from "../testing/memory-terminal.ts";
import { type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-foreign-"));
const PROTO = `syntax = "proto3";
package greeter.v1;
service Greeter { rpc SayHello(SayHelloRequest) returns (SayHelloResponse); }
message SayHelloRequest { string name = 1; }
message SayHelloResponse { string text = 1; }
`;
const SERVE = `
import json, os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps({"text": f"{os.environ['GREETING']}, {said['name']}!"}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
`;
const APP = `components:\n  greeter.v1.Greeter: { exec: [python3, serve.py], proto: greeter.proto }\nenv: { GREETING: Hello }\n`;

let up: Running;
let ready: RunEvent & { readonly web: string };
before(async () => {
  mkdirSync(join(cwd, "greeter"));
  for (const [name, text] of Object.entries({ "greeter.proto": PROTO, "serve.py": SERVE, "orrery.yaml": APP }))
    writeFileSync(join(cwd, "greeter", name), text);
  up = startEvents(["up", "--port=0", "--http=0", "--web-port=0", "--database=pglite"], { cwd });
  ready = (await up.next("ready")) as typeof ready;
});
after(async () => {
  up?.child.kill("SIGTERM");
  await up?.ended;
  rmSync(cwd, { recursive: true, force: true });
});

async function done(line: string): Promise<string> {
  const words = splitScript(line)[0]?.words ?? [];
  const { exit, out, err } = await type(words, { cwd, env: { ORRERY_SERVER: ready.address, HOME: cwd } });
  assert.equal(exit, 0, `${line}: ${err}`);
  return out;
}

describe("orrery up with a program of Python", () => {
  it("runs it as a component: it stands in the status, is sent messages, and called by its space's host", async () => {
    await done("create demo.test<Space>");
    await done("run greeter --space=demo.test --wait");
    assert.match(await done("status demo.test:greeter"), /greeter\.v1\.Greeter/);
    const sent = await done(`send demo.test:greeter greeter.v1.Greeter/SayHello '{"name":"Ann"}'`);
    assert.deepEqual(JSON.parse(sent), { text: "Hello, Ann!" });
    await done("auth grant execute on demo.test:greeter to anyone");
    const answer = await curl(`${ready.web}/greeter/say-hello`, "demo.test", ["--json", '{"name":"Bob"}']);
    assert.deepEqual([answer.status, answer.body], [200, '{"text":"Hello, Bob!"}']);
    const services = await curl(`${ready.web}/-/services`, "demo.test");
    assert.match(services.body, /"service":"greeter\.v1\.Greeter","method":"SayHello"/);
  });
});
