import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac, subtle, type webcrypto } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import fs from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as waitFor } from "node:timers/promises";
import { promisify } from "node:util";
import { createExternalCalls, type ExternalCalls } from "./external-calls.ts";
import { external } from "./external-doors.ts";
import { runAs } from "./owner.ts";
import { type Capture, installCapture } from "./system-capture.ts";
import { originals } from "./system-originals.ts";
import { createSmallWorld } from "./testing/small-world.ts";

let capture: Capture;
before(() => {
  capture = installCapture();
});
after(() => capture.uninstall());

const folder = mkdtempSync(join(tmpdir(), "orrery-capture-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "file.txt");

/** Runs code of one owner for real, then from the record, in the absence of what it called; both must see the same. */
async function recordAndReplay(run: () => Promise<unknown>, then: () => void = () => undefined): Promise<unknown> {
  const once = async (externals: ExternalCalls) => {
    const world = createSmallWorld({ mode: "external", externals });
    return { result: await world.run(world.owner("back"), run), nowMs: world.nowMs, lines: externals.lines };
  };
  const recorded = await once(createExternalCalls());
  assert.ok(recorded.lines.length > 1);
  then();
  const calls = createExternalCalls({ replay: recorded.lines });
  const replayed = await once(calls);
  calls.assertReplayed();
  assert.deepEqual(replayed, recorded);
  return recorded.result;
}

const fails = (promise: Promise<unknown>) =>
  promise.then(
    () => assert.fail("it did not fail"),
    (error: Error & { code?: string }) => [error.constructor.name, error.name, error.code, error.message],
  );

test("createExternalCalls records and replays fetch, with status, headers and body", async (t) => {
  const server = http.createServer(({ url }, response) => {
    if (url === "/none") response.writeHead(204).end();
    else response.writeHead(url === "/gone" ? 410 : 200, { "x-own": "yes" }).end(`body of ${url}`);
  });
  await new Promise<void>((resolve) => void server.listen(0, resolve));
  t.after(() => server.close());
  const home = `http://localhost:${(server.address() as AddressInfo).port}`;
  const get = async (path: string | Request) => {
    const response = await fetch(path);
    assert.ok(response instanceof Response);
    const { status, ok, url } = response;
    return [status, ok, url, response.headers.get("x-own"), await response.text()];
  };
  const result = await recordAndReplay(
    async () => [
      await Promise.all([get(`${home}/a`), get(new Request(`${home}/gone`)), get(`${home}/none`)]),
      await fails(fetch("http://localhost:1")),
    ],
    () => server.close().closeAllConnections(),
  );
  assert.deepEqual(result, [
    [
      [200, true, `${home}/a`, "yes", "body of /a"],
      [410, false, `${home}/gone`, "yes", "body of /gone"],
      [204, true, `${home}/none`, null, ""],
    ],
    ["TypeError", "TypeError", undefined, "fetch failed"],
  ]);
});

test("createExternalCalls records and replays node:fs/promises, with stats, entries and errors", async () => {
  writeFileSync(file, "text");
  const result = await recordAndReplay(
    async () => {
      const bytes = await fs.readFile(file);
      const stat = await fs.stat(file);
      const entries = await fs.readdir(folder, { withFileTypes: true });
      return [
        [Buffer.isBuffer(bytes), String(bytes), await fs.readFile(file, "utf8")],
        [stat.isFile(), stat.size, stat.mtime instanceof Date, stat.mtimeMs],
        entries.map((entry) => [entry.name, entry.isFile(), entry.isDirectory(), entry.parentPath]),
        await fails(fs.readFile(join(folder, "none"))),
        await fs.writeFile(file, new Uint8Array([65])),
      ];
    },
    () => writeFileSync(file, "other"),
  );
  assert.deepEqual((result as unknown[])[0], [true, "text", "text"]);
  assert.deepEqual((result as unknown[])[2], [["file.txt", true, false, folder]]);
  assert.deepEqual((result as string[][])[3]?.slice(0, 3), ["Error", "Error", "ENOENT"]);
  assert.equal(await fs.readFile(file, "utf8"), "other"); // A replay writes nothing.
});

test("createExternalCalls records and replays crypto.subtle, with keys", async () => {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  await recordAndReplay(async () => {
    const key = (await subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKey;
    const raw = await subtle.exportKey("raw", key);
    const signed = await subtle.sign("HMAC", key, new Uint8Array([1, 2, 3]));
    assert.equal(
      Buffer.from(signed).toString("hex"),
      createHmac("sha256", new Uint8Array(raw))
        .update(new Uint8Array([1, 2, 3]))
        .digest("hex"),
    );
    const pair = await subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
    const { publicKey, privateKey } = pair as unknown as webcrypto.CryptoKeyPair;
    const text = new Uint8Array([1]);
    assert.ok(await subtle.verify("Ed25519", publicKey, await subtle.sign("Ed25519", privateKey, text), text));
    return [raw, key.algorithm.name, key.usages, publicKey.type];
  });
  const secret = recordAndReplay(() => subtle.generateKey(algorithm, false, ["sign"]));
  await assert.rejects(secret, /Cannot record the result: a CryptoKey has no written form/);
});

test("createExternalCalls records and replays what promisify makes of execFile", async () => {
  const run = () => promisify(execFile)(process.execPath, ["-p", "process.hrtime.bigint() > 0n"]);
  assert.deepEqual(await recordAndReplay(run), { stdout: "true\n", stderr: "" });
});

test("external records and replays anything that is plain data, bytes or an error", async () => {
  let calls = 0;
  const value = {
    text: "a",
    none: undefined,
    many: [1n, Number.NaN, -0, null],
    bytes: new Uint8Array([1, 2]),
    at: new Date(5),
    map: new Map([["k", new Set([1])]]),
    $: "own",
  };
  const result = await recordAndReplay(() =>
    external("count", async () => {
      calls++;
      return value;
    }),
  );
  assert.deepEqual(result, value);
  assert.equal(calls, 1);
  class RowError extends RangeError {
    readonly code = "E_ROW";
  }
  const failed = await recordAndReplay(() =>
    fails(external("row", () => Promise.reject(new RowError("no row", { cause: new TypeError("why") })))),
  );
  assert.deepEqual(failed, ["Error", "RangeError", "E_ROW", "no row"]);
  const refused = recordAndReplay(() => external("function", async () => ({ list: [() => 1] })));
  await assert.rejects(refused, {
    message:
      'Cannot record the result at ".list[0]": a function has no written form, give plain data, bytes or an error',
  });
  assert.equal(await external("ambient", async () => 5), 5);
});

test("external runs its function with the machine's own time, and the clock of the world stands still", async () => {
  const world = await recordAndReplay(async () => {
    const [startMs, order] = [Date.now(), [] as string[]];
    setTimeout(() => order.push("timer"), 1);
    const slow = external("slow", async () => {
      await waitFor(30);
      return Date.now() > startMs + 86_400_000;
    });
    order.push(String(await slow), String(Date.now() - startMs));
    await waitFor(1);
    return order;
  });
  assert.deepEqual(world, ["true", "0", "timer"]);
});

/** Three calls that end in another order than they began in, one of which leads to a fourth. */
const raceOf = (delays: readonly number[]) => async () => {
  const order: string[] = [];
  const call = async (name: string, delayMs = 0) => {
    order.push(`${await external(name, () => waitFor(delayMs, name))} ${Math.random()}`);
    if (name === "b") await call("d");
  };
  await Promise.all(["a", "b", "c"].map((name, index) => call(name, delays[index])));
  return order;
};

test("createExternalCalls replays the order in which results came", async () => {
  const order = (await recordAndReplay(raceOf([60, 1, 30]))) as string[];
  assert.deepEqual(
    order.map(([name]) => name),
    ["b", "d", "c", "a"],
  );
  const recorded = createExternalCalls();
  const world = createSmallWorld({ mode: "external", externals: recorded });
  const first = await world.run(world.owner("back"), raceOf([60, 1, 30]));
  const replay = createSmallWorld({ mode: "external", externals: createExternalCalls({ replay: recorded.lines }) });
  assert.deepEqual(await replay.run(replay.owner("back"), raceOf([0, 0, 0])), first);
});

const record = async (run: () => Promise<unknown>) => {
  const externals = createExternalCalls();
  const world = createSmallWorld({ mode: "external", externals });
  await world.run(world.owner("back"), run);
  return externals.lines;
};
const replayOf = async (lines: readonly string[], run: () => Promise<unknown>, name = "back") => {
  const externals = createExternalCalls({ replay: lines });
  const world = createSmallWorld({ mode: "external", externals });
  await world.run(world.owner(name), run);
  externals.assertReplayed();
};
const two = async () => {
  await external("one", async () => 1, ["given"]);
  await waitFor(5);
  await external("two", async () => 2);
};

const MISMATCHES: readonly [what: string, run: () => Promise<unknown>, message: RegExp, node?: string][] = [
  [
    "another name",
    () => external("other", async () => 1),
    /^Cannot replay external call 1, other at node "back" at 0 ms: the record has one with \["given"\] at node "back" at 0 ms/,
  ],
  [
    "other arguments",
    () => external("one", async () => 1, ["else"]),
    /call 1, one with \["else"\].*: the record has one with/,
  ],
  ["another node", two, /call 1, one with .* at node "front".*: the record has .* at node "back"/, "front"],
  [
    "another time",
    async () => {
      await external("one", async () => 1, ["given"]);
      await waitFor(6);
      await external("two", async () => 2);
    },
    /call 2, two at node "back" at 6 ms: the record has two at node "back" at 5 ms/,
  ],
  [
    "a call too many",
    async () => {
      await two();
      await external("three", async () => 3);
    },
    /call 3, three .*: the record has no more calls/,
  ],
  ["a call that is not made", () => external("one", async () => 1, ["given"]), /call 2, two .*: it was not made/],
];

for (const [what, run, message, name] of MISMATCHES) {
  test(`createExternalCalls names the first call that is not as recorded: ${what}`, async () => {
    const lines = await record(two);
    await replayOf(lines, two);
    await assert.rejects(replayOf(lines, run, name), { code: "failed_precondition", message });
  });
}

test("createExternalCalls names it also to code that passes over errors", async () => {
  const lines = await record(two);
  const quiet = async () => {
    await external("other", async () => 1).catch(() => undefined);
    await external("two", async () => 1).catch(() => undefined);
  };
  await assert.rejects(replayOf(lines, quiet), /call 1, other/);
});

test("createExternalCalls refuses what is no record of its version", () => {
  const bad = (replay: readonly string[]) => () => createExternalCalls({ replay });
  assert.throws(bad([]), { message: "Cannot replay: the lines are no record of external calls, record one" });
  assert.throws(bad(['{"x":1}']), { code: "invalid_argument" });
  assert.throws(bad(["{"]), { message: "Cannot replay line 1: it is no JSON, record anew" });
  assert.throws(bad(['{"orrery":"external calls","version":2}']), {
    message: "Cannot replay a record of version 2: this program reads version 1, record anew",
  });
});

test("createExternalCalls tells how many calls are pending, and when all is quiet", async () => {
  const externals = createExternalCalls();
  const owner = createSmallWorld({ mode: "external", externals }).owner("back");
  await externals.whenQuiet();
  const done: string[] = [];
  let end = () => undefined as unknown;
  const open = new Promise((resolve) => {
    end = () => resolve("value");
  });
  const all = runAs(owner, async () => {
    await external("a", () => open);
    for (let count = 0; count < 100; count++) await null;
    done.push("a");
    await external("b", async () => 1);
    for (let count = 0; count < 100; count++) await null;
    done.push("b");
  });
  assert.equal(externals.pending, 1);
  originals.setImmediate(end);
  await externals.whenQuiet();
  assert.deepEqual([done, externals.pending], [["a", "b"], 0]);
  await all;
});

test("external refuses owners whose world does nothing for real", async () => {
  const call = () => external("orders", async () => 1);
  await assert.rejects(runAs(createSmallWorld().owner("back"), call), {
    message: 'Cannot call external "orders" at node "back": it is done for real, run the world with capture "external"',
  });
  await assert.rejects(runAs(createSmallWorld({ mode: "external" }).owner("back"), call), {
    message: /its owner has no external calls to record it in/,
  });
  assert.equal(await runAs(createSmallWorld({ mode: "warn" }).owner("back"), call), 1);
});
