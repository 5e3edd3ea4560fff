import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { contractOf } from "@orrery/core/internal";
import fc from "fast-check";
import { type EchoReply, EchoReplySchema, type Payload, PayloadSchema, RelayService } from "./gen/relay/v1/relay_pb.ts";
import { noProtoc, runProtoc } from "./testing/protoc.ts";

const PROGRAM = join(import.meta.dirname, "testing/second.py");
const MESSAGES = process.env["ORRERY_LONG"] === "1" ? 20_000 : 500;

const scratch = mkdtempSync(join(tmpdir(), "orrery-second-"));
after(() => rmSync(scratch, { recursive: true }));

const python = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import google.protobuf"]).status === 0,
);
const skip = python === undefined ? "no python3 here has google.protobuf: install python3-protobuf" : noProtoc;

/** Any payload, with parts down to a depth. */
function anyPayload(depth: number): fc.Arbitrary<Payload> {
  const base = {
    text: fc.string({ unit: "binary" }),
    number: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    data: fc.uint8Array(),
    samples: fc.array(fc.double()),
    colour: fc.constantFrom(0, 1, 2, 77),
    size: fc.oneof(
      fc.record({ case: fc.constant("small" as const), value: fc.nat({ max: 0xffff_ffff }) }),
      fc.record({ case: fc.constant("large" as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
    ),
    at: fc.record({ seconds: fc.bigInt({ min: 0n, max: 4_000_000_000n }), nanos: fc.nat({ max: 999_999_999 }) }),
    sure: fc.boolean(),
    offset: fc.integer(),
    weights: fc.dictionary(fc.integer().map(String), fc.float(), { noNullPrototype: true }),
  };
  const parts =
    depth === 0
      ? fc.constant({})
      : fc.dictionary(fc.string(), anyPayload(depth - 1), { maxKeys: 2, noNullPrototype: true });
  return fc.record({ ...base, parts }, { requiredKeys: [] }).map((init) => create(PayloadSchema, init as never));
}

test("contractOf writes messages that a second implementation of protobuf reads, and reads what it writes", {
  skip,
}, () => {
  const codec = contractOf(RelayService).methods.get("echo")?.reply;
  assert.ok(codec !== undefined);
  const files = ["relay/v1/relay.proto", "orrery/v1/contract.proto"];
  runProtoc({ folder: "tests/proto", files, scratch, words: [`--python_out=${scratch}`] });

  const replies = fc.sample(anyPayload(2), { numRuns: MESSAGES, seed: 7 }).map((payload) => reply(payload));
  const input = replies.map((message) => `${Buffer.from(codec.encode(message)).toString("hex")}\n`);
  const env = { PATH: process.env["PATH"], PYTHONPATH: scratch };
  const options = { input: input.join(""), env, encoding: "utf8", maxBuffer: 1 << 30 } as const;
  const run = spawnSync(python ?? "", [PROGRAM], options);
  assert.equal(run.status, 0, run.stderr);

  const lines = run.stdout.trimEnd().split("\n");
  assert.equal(lines.length, MESSAGES);
  for (const [index, message] of replies.entries()) {
    const { hex, json } = JSON.parse(lines[index] ?? "") as { hex: string; json: JsonValue };
    const bytesBack = codec.decode(Buffer.from(hex, "hex")) as EchoReply;
    assert.deepEqual(bytesBack, message, `payload ${index}: ${input[index]}`);
    // JSON has a float as decimals; its bytes round it to what was meant.
    const jsonBack = codec.decode(codec.encode(fromJson(EchoReplySchema, json)));
    assert.deepEqual(jsonBack, message, `payload ${index}: ${lines[index]}`);
  }
});

function reply(payload: Payload): EchoReply {
  return create(EchoReplySchema, { payload });
}
