import assert from "node:assert/strict";
import child, { execFile } from "node:child_process";
import crypto from "node:crypto";
import dgram from "node:dgram";
import dns from "node:dns";
import fs, { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { createRequire } from "node:module";
import net from "node:net";
import { after, before, test } from "node:test";
import tls from "node:tls";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import zlib from "node:zlib";
import { OrreryError } from "@orrery/core";
import { runAs } from "./owner.ts";
import { type Capture, installCapture } from "./system-capture.ts";
import { createSmallWorld } from "./testing/small-world.ts";

let capture: Capture;
before(() => {
  capture = installCapture();
});
after(() => capture.uninstall());

const nothing = () => undefined;
const algorithm = { name: "HMAC", hash: "SHA-256" };
const bytes = new Uint8Array(8);

const CALLS: Readonly<Record<string, () => unknown>> = {
  "net.connect": () => net.connect(1),
  "net.createConnection": () => net.createConnection(1),
  "net.Socket.connect": () => new net.Socket().connect(1),
  "net.createServer": () => net.createServer(),
  "net.Server.listen": () => new net.Server().listen(0),
  "net.Socket.write": () => new net.Socket().write("x"),
  "tls.connect": () => tls.connect(1),
  "tls.createServer": () => tls.createServer(),
  "http.request": () => http.request("http://localhost"),
  "http.get": () => http.get("http://localhost"),
  "http.createServer": () => http.createServer(),
  "https.request": () => https.request("https://localhost"),
  "https.get": () => https.get("https://localhost"),
  "http2.connect": () => http2.connect("http://localhost"),
  "dgram.createSocket": () => dgram.createSocket("udp4"),
  fetch: () => fetch("http://localhost"),
  "new WebSocket": () => new WebSocket("ws://localhost"),
  "dns.lookup": () => dns.lookup("localhost", nothing),
  "dns.resolve4": () => dns.resolve4("localhost", nothing),
  "dns.promises.lookup": () => dns.promises.lookup("localhost"),
  "dns.promises.resolve": () => dns.promises.resolve("localhost"),
  "dns.Resolver.resolve": () => new dns.Resolver().resolve("localhost", nothing),
  "fs.readFile": () => fs.readFile("x", nothing),
  "fs.readFileSync": () => readFileSync("x"),
  "fs.existsSync": () => fs.existsSync("x"),
  "fs.createReadStream": () => fs.createReadStream("x"),
  "fs.ReadStream": () => Reflect.construct(fs.ReadStream, ["x"]) as unknown,
  "fs.watch": () => fs.watch("x"),
  "fs.promises.readFile": () => readFile("x"),
  "fs.promises.open": () => fs.promises.open("x"),
  "fs.exists": () => promisify(fs.exists)("x"),
  "child_process.spawn": () => child.spawn("true"),
  "child_process.exec": () => promisify(child.exec)("true"),
  "child_process.execFile": () => promisify(execFile)("true"),
  "child_process.execFileSync": () => child.execFileSync("true"),
  "child_process.fork": () => child.fork("x"),
  "new Worker": () => new Worker("", { eval: true }),
  "new MessageChannel": () => new MessageChannel(),
  "new BroadcastChannel": () => new BroadcastChannel("x"),
  "Atomics.wait": () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0),
  "zlib.gzip": () => zlib.gzip("x", nothing),
  "zlib.createGzip": () => zlib.createGzip(),
  "Blob.stream": () => new Response(new Blob(["x"])).text(),
  "new CompressionStream": () => new CompressionStream("gzip"),
  "crypto.pbkdf2": () => crypto.pbkdf2("x", "y", 1, 8, "sha1", nothing),
  "crypto.scrypt": () => crypto.scrypt("x", "y", 8, nothing),
  "crypto.generateKeyPairSync": () => crypto.generateKeyPairSync("ed25519"),
  "crypto.ECDH.generateKeys": () => crypto.createECDH("secp256k1").generateKeys(),
  "crypto.subtle.generateKey": () => crypto.subtle.generateKey(algorithm, true, ["sign"]),
  "crypto.subtle.digest": () => globalThis.crypto.subtle.digest("SHA-256", bytes),
  "WebAssembly.compile": () => WebAssembly.compile(bytes),
  "new WeakRef": () => new WeakRef({}),
  "new FinalizationRegistry": () => new FinalizationRegistry(nothing),
  "process.stdin": () => process.stdin,
};

for (const [name, call] of Object.entries(CALLS)) {
  for (const mode of ["strict", "external"] as const) {
    test(`installCapture refuses ${name} of an owner (${mode}), and says where and what would work`, async () => {
      const owner = createSmallWorld({ mode }).owner("back");
      let thrown: unknown;
      try {
        await runAs(owner, call);
      } catch (error) {
        thrown = error;
      }
      assert.ok(thrown instanceof OrreryError, String(thrown));
      assert.equal(thrown.code, "failed_precondition");
      assert.ok(thrown.message.startsWith(`Cannot call ${name} at node "back": `), thrown.message);
      assert.match(thrown.message, /: [^,]+, .{8}/);
      if (mode === "strict" && name !== "Blob.stream")
        assert.match(String(thrown.stack).split("\n    at ")[1] ?? "", /real-calls\.test\.ts/);
    });
  }
}

test("installCapture leaves what needs no machine to owners", async () => {
  const world = createSmallWorld();
  await world.run(world.owner("back"), async () => {
    assert.equal(zlib.gunzipSync(zlib.gzipSync("text")).toString(), "text");
    assert.equal(crypto.createHash("sha256").update("x").digest("hex").length, 64);
    assert.equal(crypto.pbkdf2Sync("x", "y", 1, 8, "sha1").length, 8);
    assert.equal(await new Blob(["te", "xt"]).text(), "text");
    assert.deepEqual(await new Response("[1]").json(), [1]);
    assert.deepEqual(structuredClone(new Map([[1, new Date(5)]])), new Map([[1, new Date(5)]]));
    process.stderr.write("");
    assert.equal(world.nowMs, 0);
  });
});

test("installCapture leaves real calls to code of no owner", async () => {
  assert.match(readFileSync(new URL(import.meta.url), "utf8"), /^import/);
  assert.equal((await promisify(execFile)(process.execPath, ["-p", "1"])).stdout, "1\n");
  assert.equal((await promisify(zlib.gzip)("x")).length, 21);
  assert.ok(new WeakRef(CALLS).deref() === CALLS);
  class Mine extends WeakRef<object> {}
  assert.ok(new Mine(CALLS) instanceof WeakRef && new Mine(CALLS) instanceof Mine);
  assert.equal((await dns.promises.lookup("127.0.0.1")).address, "127.0.0.1");
  assert.equal((await crypto.subtle.digest("SHA-256", bytes)).byteLength, 32);
});

test("installCapture lets an owner load code, at one instant of its time and before the next event", async () => {
  const world = createSmallWorld();
  const order: string[] = [];
  await world.run(world.owner("back"), async () => {
    setImmediate(() => order.push("next event"));
    const module = (await import("./testing/late-module.ts")) as { readonly late: string };
    order.push(module.late);
    const required = createRequire(import.meta.url)("./testing/late-required.cjs") as string;
    order.push(required);
    await new Promise((resolve) => setTimeout(resolve, 1));
  });
  assert.deepEqual(order, ["imported", "required", "next event"]);
});

test("installCapture warns once for each place where that is enough", async () => {
  const world = createSmallWorld({ mode: "warn" });
  const owner = world.owner("back");
  const look = () => readFileSync(new URL(import.meta.url)).length;
  await world.run(owner, () => {
    for (let count = 0; count < 3; count++) assert.ok(look() > 0);
    assert.equal(new WeakRef(owner).deref(), owner);
  });
  assert.equal(world.warnings.length, 2);
  assert.match(
    world.warnings[0] ?? "",
    /^fs\.readFileSync at node "back" is not the same twice: .*real-calls\.test\.ts/,
  );
  assert.match(world.warnings[1] ?? "", /^new WeakRef at node "back"/);
});
