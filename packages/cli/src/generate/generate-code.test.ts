import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { OrreryError } from "@orrery/core";
import { CONTRACT_PROTO } from "./contract-proto.ts";
import { generateCode } from "./generate-code.ts";

const HELLO = `syntax = "proto3";
package hello.v1;
import "orrery/v1/contract.proto";
service Greeter {
  rpc Greet(Greeting) returns (Greeting);
  rpc Note(Greeting) returns (orrery.v1.Accepted);
}
message Greeting { string name = 1; }
`;

async function project(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "orrery-test-"));
  t.after(() => rm(folder, { recursive: true }));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  return folder;
}

test("CONTRACT_PROTO is the contract that the project publishes", async () => {
  const source = await readFile(new URL("../../../../proto/orrery/v1/contract.proto", import.meta.url), "utf8");
  assert.equal(CONTRACT_PROTO, source);
});

test("generateCode writes code beside the contracts, once, and cleans up after them", async (t) => {
  const folder = await project(t, { "proto/hello/v1/hello.proto": HELLO, "gen/mine.ts": "// mine\n" });
  const first = await generateCode({ folder: join(folder, "proto") });
  assert.deepEqual(first.written, ["hello/v1/hello_pb.ts", "orrery/v1/contract_pb.ts"]);
  assert.match(await readFile(join(folder, "gen/hello/v1/hello_pb.ts"), "utf8"), /export const Greeter: GenService</);
  const { mtimeMs } = await stat(join(folder, "gen/hello/v1/hello_pb.ts"));

  const second = await generateCode({ folder: join(folder, "proto") });
  assert.deepEqual([second.written, second.removed, second.unchanged], [[], [], 2]);
  assert.equal((await stat(join(folder, "gen/hello/v1/hello_pb.ts"))).mtimeMs, mtimeMs);

  await rm(join(folder, "proto/hello"), { recursive: true });
  await writeFile(join(folder, "proto/other.proto"), 'syntax = "proto3";\nmessage Other {}\n');
  const third = await generateCode({ folder: join(folder, "proto") });
  assert.deepEqual(third.removed, ["hello/v1/hello_pb.ts"]);
  assert.equal(await readFile(join(folder, "gen/mine.ts"), "utf8"), "// mine\n");
});

const BAD: readonly (readonly [name: string, text: string, told: RegExp])[] = [
  ["a syntax error", 'syntax = "proto3";\nmessage A { string }\n', /bad\.proto:2:13: missing message field tag/],
  ["an unknown type", 'syntax = "proto3";\nmessage A { Nope n = 1; }\n', /bad\.proto:2:13: .*Nope/],
  [
    "an import that is not there",
    'syntax = "proto3";\nimport "no/such.proto";\n',
    /bad\.proto:2:1: imported file does not exist/,
  ],
];

for (const [name, text, told] of BAD) {
  test(`generateCode tells file and line of ${name}, and writes nothing`, async (t) => {
    const folder = await project(t, { "proto/bad.proto": text });
    await assert.rejects(generateCode({ folder: join(folder, "proto") }), (error) => {
      assert.ok(error instanceof OrreryError);
      assert.match(error.message, told);
      assert.ok(error.message.startsWith(join(folder, "proto/bad.proto")), error.message);
      return true;
    });
    await assert.rejects(stat(join(folder, "gen")));
  });
}

test("generateCode tells that a folder has no contract", async (t) => {
  const folder = await project(t, { "proto/readme.txt": "" });
  await assert.rejects(generateCode({ folder: join(folder, "proto") }), {
    code: "not_found",
    message: `Cannot generate from "${join(folder, "proto")}": it has no .proto file, write one or name the folder that has`,
  });
});
