import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { after, test } from "node:test";
import {
  bytes,
  createClient,
  createNode,
  createTableDirectory,
  defineComponent,
  defineService,
  OrreryError,
} from "@orrery/core";
import { createZmqTransport } from "../zmq-transport.ts";

const PEER = join(import.meta.dirname, "peer.py");
const PROTO = join(import.meta.dirname, "../../../../proto");
const LINES_MAX = 80;

const method = { request: bytes, reply: bytes };
const Echo = defineService("peer.Echo", { Echo: method, Fail: method, Stall: method, Missing: method });
const Nobody = defineService("peer.Nobody", { Echo: method });

const python = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import zmq, google.protobuf"]).status === 0,
);
const skip =
  python === undefined
    ? "no python3 here has zmq and google.protobuf: install python3-zmq and python3-protobuf"
    : spawnSync("protoc", ["--version"]).status !== 0 && "protoc is missing: install protobuf-compiler";

const generated = mkdtempSync(join(tmpdir(), "orrery-peer-"));
after(() => rmSync(generated, { recursive: true }));

/** Compiles the protocol with stock protoc and starts the peer on it. */
function startPeer(role: "serve" | "call", address: string): ChildProcessByStdio<null, Readable, null> {
  if (!existsSync(join(generated, "orrery"))) {
    const files = ["orrery/wire/v1/envelope.proto", "orrery/control/v1/control.proto"];
    const compiled = spawnSync("protoc", [`--proto_path=${PROTO}`, `--python_out=${generated}`, ...files]);
    assert.equal(compiled.status, 0, String(compiled.stderr));
  }
  const env = { PATH: process.env["PATH"], PYTHONPATH: generated, PYTHONUNBUFFERED: "1" };
  return spawn(python ?? "", [PEER, role, address], { env, stdio: ["ignore", "pipe", "inherit"] });
}

test("peer.py is short enough to be read", () => {
  assert.ok(readFileSync(PEER, "utf8").trimEnd().split("\n").length <= LINES_MAX);
});

test("peer.py serves an Orrery client: echo, error, timeout and bounce", { skip }, async () => {
  const peer = startPeer("serve", "tcp://127.0.0.1:*");
  const [address] = (await once(createInterface(peer.stdout), "line")) as [string];
  const directory = createTableDirectory({ "peer.Echo": [address], "peer.Nobody": [address] });
  await using client = createClient({ transports: [createZmqTransport()], directory });
  const echo = client.client(Echo);
  const body = new TextEncoder().encode("from Orrery");
  try {
    assert.deepEqual(await echo.Echo(body), body);
    const large = new Uint8Array(200_000).fill(7);
    assert.deepEqual(
      await Promise.all(Array.from({ length: 100 }, () => echo.Echo(large))),
      new Array(100).fill(large),
    );
    const failed = {
      kind: "error",
      code: "failed_precondition",
      definite: true,
      message: "Cannot do it: this method never can",
    };
    await assert.rejects(echo.Fail(body), failed);
    const late = { kind: "timeout", code: "deadline_exceeded", reason: "timeout", definite: false };
    await assert.rejects(echo.Stall(body, { timeoutMs: 300 }), late);
    const bounced = {
      kind: "bounced",
      code: "not_found",
      reason: "no_such_component",
      where: "python",
      definite: true,
    };
    await assert.rejects(client.client(Nobody).Echo(body), bounced);
    await assert.rejects(echo.Missing(body), { kind: "bounced", code: "unimplemented", reason: "no_such_method" });
    assert.ok((await client.ping(address)).roundTripMs >= 0);
  } finally {
    peer.kill();
  }
});

test("peer.py calls an Orrery node: echo, error, timeout and bounce", { skip }, async () => {
  const released = Promise.withResolvers<Uint8Array>();
  const stalled = () => released.promise;
  const component = defineComponent(Echo, () => ({
    Echo: (request) => request,
    Fail() {
      throw new OrreryError("failed_precondition", "Cannot do it: this method never can");
    },
    Stall: stalled,
    Missing: (request) => request,
  }));
  await using node = createNode({
    components: [component],
    transports: [createZmqTransport()],
    listen: ["tcp://127.0.0.1:0"],
  });
  await node.start();
  const peer = startPeer("call", node.addresses[0] ?? "");
  const lines: unknown[] = [];
  for await (const line of createInterface(peer.stdout)) lines.push(JSON.parse(line));
  released.resolve(new Uint8Array(0));
  assert.deepEqual(lines, [
    ["Echo", "reply", "from python"],
    ["Fail", "OUTCOME_ERROR_UNSPECIFIED", "failed_precondition"],
    ["Stall", "timeout", ""],
    ["Echo", "OUTCOME_BOUNCED", "no_such_component"],
  ]);
});
