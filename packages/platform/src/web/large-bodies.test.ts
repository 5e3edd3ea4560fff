import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { bytes, createNode, defineComponent, defineService, json, type Node, OrreryError } from "@orrery/core";
import { createJsonCaller } from "@orrery/http";
import { curl } from "../testing/curl.ts";
import { createGateClock } from "../testing/gate-clock.ts";
import { openWeb, type TestWeb } from "../testing/open-web.ts";
import { BodyTooLong } from "./bounded-body.ts";
import { BodiesFull, createHeldBodies } from "./held-bodies.ts";

const MIB = 1024 * 1024;
const PIECE = new Uint8Array(64 * 1024).fill(7);
const PIECES = (100 * MIB) / PIECE.length;

const Store = defineService("store", {
  size: { request: json<{ text: string }>(), reply: json<{ letters: number }>() },
  count: { mode: "stream", request: json<{ to: number; fails?: boolean }>(), reply: json<{ value: number }>() },
  load: { mode: "stream", request: json<{ pieces: number }>(), reply: bytes },
});

/** Pieces that were made, by those who were asked for them. */
let made = 0;
let ended = 0;
const store = defineComponent(Store, () => ({
  size: ({ text }) => ({ letters: text.length }),
  async *count({ to, fails = false }) {
    if (to < 0) throw new OrreryError("not_found", "Cannot count below 0: no number is there");
    for (let value = 1; value <= to; value++) yield { value };
    if (fails) throw new Error("SECRET of the service");
  },
  async *load({ pieces }) {
    try {
      for (let piece = 0; piece < pieces; piece++) {
        made++;
        yield PIECE;
      }
    } finally {
      ended++;
    }
  },
}));

const BIND = `
timeout: 10s
routes:
  - { path: /size, service: store/size, body: 32MiB }
  - { path: /count, service: store/count }
  - { path: /load, service: store/load }
`;

describe("large bodies of services", () => {
  let web: TestWeb;
  let node: Node;
  before(async () => {
    node = createNode({ components: [store] });
    await node.start();
    web = await openWeb({ caller: createJsonCaller({ node, services: [Store] }) });
    await web.space("demo.test", BIND);
    await web.open("demo.test");
  });
  after(async () => {
    await web[Symbol.asyncDispose]();
    await node.stop();
  });

  const JSON_TYPE = { host: "demo.test", "content-type": "application/json" };
  const post = (path: string, body: string) =>
    curl(`${web.url}${path}`, "demo.test", ["-d", body, "-H", "Content-Type: application/json"]);

  /** Sends what is said, as long as it is taken, and asks a neighbour meanwhile. */
  async function upload(letters: number, isChunked: boolean): Promise<{ status: number; text: string }> {
    const begin = '{"text":"';
    const length = letters + begin.length + 2;
    const headers = {
      ...JSON_TYPE,
      ...(isChunked ? { "transfer-encoding": "chunked" } : { "content-length": length }),
    };
    const asking = request(`${web.url}/size`, { method: "POST", headers }).on("error", () => undefined);
    const answered = once(asking, "response");
    let isAnswered = false;
    answered.then(() => {
      isAnswered = true;
    });
    asking.write(begin);
    let sent = 0;
    const piece = Buffer.alloc(MIB, "x");
    for (; sent < letters && !isAnswered && !asking.destroyed; sent += MIB) {
      if (sent === 8 * MIB) assert.equal((await post("/size", '{"text":"abc"}')).body, '{"letters":3}');
      if (asking.write(piece)) continue;
      const waiting = new AbortController();
      const { signal } = waiting;
      await Promise.race([once(asking, "drain", { signal }), once(asking, "close", { signal }), answered]);
      waiting.abort();
    }
    asking.end('"}');
    const [response] = await answered;
    return { status: response.statusCode, text: Buffer.concat(await response.toArray()).toString() };
  }

  it("are handed on whole up to the bound of their route", async () => {
    assert.deepEqual(await upload(31 * MIB, false), { status: 200, text: `{"letters":${31 * MIB}}` });
  });

  for (const isChunked of [false, true])
    it(`are refused with 413 beyond it, ${isChunked ? "when so much has come" : "before they come"}`, async () => {
      const { status, text } = await upload(100 * MIB, isChunked);
      assert.equal(status, 413);
      assert.match(text, /The body has more than 33554432 bytes\./);
    });

  it("come in pieces from a method that streams, no sooner than they are taken", async () => {
    made = 0;
    const asking = request(`${web.url}/load`, { method: "POST", headers: JSON_TYPE }).end(`{"pieces":${PIECES}}`);
    const [response] = await once(asking, "response");
    assert.deepEqual([response.statusCode, response.headers["content-type"]], [200, "application/octet-stream"]);
    let taken = 0;
    let ahead = 0;
    for await (const piece of response) {
      taken += piece.length;
      ahead = Math.max(ahead, made * PIECE.length - taken);
    }
    assert.equal(taken, 100 * MIB);
    assert.ok(ahead < 16 * MIB, `${ahead} bytes were made ahead`);
  });

  it("end with their visitor", async () => {
    [made, ended] = [0, 0];
    const asking = request(`${web.url}/load`, { method: "POST", headers: JSON_TYPE }).on("error", () => undefined);
    const [response] = await once(asking.end(`{"pieces":${PIECES}}`), "response");
    await once(response, "data");
    asking.destroy();
    while (ended === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(made < PIECES, `${made}`);
  });

  it("are lines of JSON where a stream is of JSON; what fails at once has its status, what fails later cuts the line", async () => {
    const { status, headers, body } = await post("/count", '{"to":3}');
    assert.deepEqual(
      [status, headers.get("content-type"), body],
      [200, "application/x-ndjson", '{"value":1}\n{"value":2}\n{"value":3}\n'],
    );
    assert.equal((await post("/count", '{"to":0}')).body, "");
    const refused = await post("/count", '{"to":-1}');
    assert.equal(refused.status, 404);
    assert.match(refused.body, /Cannot count below 0: no number is there/);
    const asking = request(`${web.url}/count`, { method: "POST", headers: JSON_TYPE }).end('{"to":2,"fails":true}');
    const answer = async () => (await once(asking, "response"))[0].toArray();
    await assert.rejects(answer(), { code: "ECONNRESET" });
  });
});

describe("an upload that is refused while it comes", () => {
  it("is answered at once, whenever it ends", async () => {
    await using node = createNode({ components: [store] });
    await node.start();
    const clock = createGateClock(); // It stands still.
    await using web = await openWeb({ caller: createJsonCaller({ node, services: [Store] }), clock });
    await web.space("demo.test", BIND);
    await web.open("demo.test");
    const headers = { host: "demo.test", "content-type": "application/json", "content-length": 100 * MIB };
    const asking = request(`${web.url}/size`, { method: "POST", headers }).on("error", () => undefined);
    asking.write('{"text":"');
    const [response] = await once(asking, "response", { signal: AbortSignal.timeout(20_000) });
    const text = Buffer.concat(await response.toArray()).toString();
    assert.deepEqual([response.statusCode, response.headers.connection], [413, "close"]);
    assert.match(text, /The body has more than 33554432 bytes\./);
    asking.destroy();
  });
});

describe("createHeldBodies", () => {
  async function* inPieces(...lengths: readonly number[]) {
    for (const length of lengths) yield new Uint8Array(length);
  }

  it("holds so many bytes of all bodies together, and has room again once they are let go", async () => {
    const bodies = createHeldBodies(10);
    const first = await bodies.read(inPieces(3, 3), 8);
    assert.equal(first.bytes.length, 6);
    const second = await bodies.read(inPieces(4), 8);
    await assert.rejects(bodies.read(inPieces(1), 8), BodiesFull);
    first[Symbol.dispose]();
    first[Symbol.dispose](); // Counts once.
    await assert.rejects(bodies.read(inPieces(4, 3), 8), BodiesFull);
    assert.equal((await bodies.read(inPieces(6), 8)).bytes.length, 6);
    second[Symbol.dispose]();
  });

  it("gives back what it took of a body that is too long, or breaks off", async () => {
    const bodies = createHeldBodies(10);
    await assert.rejects(bodies.read(inPieces(5, 5), 8), BodyTooLong);
    async function* broken() {
      yield new Uint8Array(9);
      throw new Error("it broke off");
    }
    await assert.rejects(bodies.read(broken(), 10), /broke off/);
    assert.equal((await bodies.read(inPieces(10), 10)).bytes.length, 10);
  });
});
