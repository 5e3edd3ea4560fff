import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

const MIB = 1024 * 1024;
const ANN = "demo.test:users:ann";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  for (const what of ["demo.test<Space>", "demo.test:users<UserBase>", `${ANN}<User>`, "demo.test:files<FileSystem>"])
    await up.done(`create '${what}'`);
  writeFileSync(join(up.cwd, "ten.bin"), Buffer.alloc(10 * MIB, "orrery"));
  writeFileSync(join(up.cwd, "one.bin"), Buffer.alloc(MIB, "one"));
});
after(() => up[Symbol.asyncDispose]());

interface Row {
  readonly address: string;
  readonly owner: string;
  readonly networkIn: number;
  readonly networkOut: number;
  readonly messages: number;
  readonly fileBytes: number;
  readonly databaseBytes: number;
  readonly fileByteMs: string;
}

async function usage(
  words: string,
): Promise<Row & { readonly parts: readonly Row[]; readonly owners: readonly Row[] }> {
  return JSON.parse(await up.done(`usage ${words} --output=json`));
}

describe("orrery usage", () => {
  it("tells bytes of files and of the network, which parts and owners add up to", async () => {
    await up.done("auth grant csdrw on demo.test:files to demo.test:users:ann");
    await up.done("cp ten.bin demo.test:files:/ten.bin");
    await up.done(`cp one.bin demo.test:files:/one.bin --agent=${ANN}`);
    await up.done("cp demo.test:files:/one.bin back.bin");
    const files = await usage("demo.test:files");
    assert.deepEqual([files.fileBytes, files.networkIn, files.networkOut], [11 * MIB, 11 * MIB, MIB]);
    const byPath = new Map(files.parts.map((part) => [part.address, part]));
    assert.deepEqual(
      [...byPath].map(([address, { fileBytes }]) => [address, fileBytes]),
      [
        ["demo.test:files", 0],
        ["demo.test:files:/one.bin", MIB],
        ["demo.test:files:/ten.bin", 10 * MIB],
      ],
    );
    const space = await usage("demo.test");
    for (const meter of ["networkIn", "networkOut", "messages", "fileBytes", "databaseBytes"] as const)
      assert.equal(
        space.parts.reduce((sum, part) => sum + part[meter], 0),
        space[meter],
        meter,
      );
    const ms = (rows: readonly Row[]) => rows.reduce((sum, { fileByteMs }) => sum + BigInt(fileByteMs), 0n);
    assert.equal(ms(space.parts), BigInt(space.fileByteMs));
    const { owners, ...all } = await usage("demo.test --by=owner");
    const ann = owners.find(({ owner }) => owner === ANN);
    assert.equal(ann?.fileBytes, MIB);
    assert.deepEqual(
      owners.map(({ owner }) => owner),
      [ANN, "operator"],
    );
    assert.equal(
      owners.reduce((sum, one) => sum + one.fileBytes, 0),
      all.fileBytes,
    );
    await up.done("rm demo.test:files:/ten.bin");
    const left = await usage("demo.test:files");
    assert.deepEqual([left.fileBytes, left.networkIn], [MIB, 11 * MIB]);
  });

  it("is a table for people", async () => {
    const lines = (await up.done("usage demo.test:files")).split("\n");
    assert.match(lines[0] ?? "", /^IN +OUT +CPU +MESSAGES +FILES +DATABASE +ADDRESS$/);
    assert.match(lines[1] ?? "", /demo.test:files, itself$/);
    assert.match(lines[2] ?? "", /^1.0 MiB +1.0 MiB +0.0 ms +2 +1.0 MiB +\d+ B +demo.test:files:\/one.bin$/);
    assert.match(lines.at(-2) ?? "", /^11 MiB +1.0 MiB .* total$/);
  });

  it("is for those who may read what it is of, and that of everything for operators", async () => {
    for (const [line, why] of [
      ["usage demo.test --agent=bob", "Cannot read"],
      [`usage --agent=${ANN}`, "only operators may"],
    ] as const) {
      const { exit, err } = await up.orrery(line);
      assert.equal(exit, 3, line);
      assert.ok(err.includes(why), err);
    }
    assert.match(await up.done("usage"), /demo.test\n/);
  });
});
